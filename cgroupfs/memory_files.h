// SPDX-License-Identifier: MIT
#pragma once

// Private to the library: what memory_v1.cpp and memory_v2.cpp share.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cgroupfs/memory.h"

namespace cgroupfs {

/// A feature that one version of the controller has, and where.
struct InterfaceFile {
  MemoryFeature feature;
  std::string_view name;
  std::string_view key;  ///< the key in the file that it needs; may be empty
  std::string_view absent_because;  ///< why a kernel may lack file or key
};

/// What is to be said of `feature` by the one version that never has it.
/// Throws std::logic_error for a feature that both versions have.
const InterfaceFile& version_gap(MemoryFeature feature);

/// The memory interface files of one cgroup. Every access to an absent one
/// throws NotSupported, unless the whole cgroup is gone: FileError.
class MemoryFiles {
 public:
  /// `table` has to outlive this object.
  MemoryFiles(Directory directory, std::span<const InterfaceFile> table);

  const Directory& directory() const noexcept { return directory_; }
  std::string read(MemoryFeature feature) const;
  void write(MemoryFeature feature, std::string_view value) const;
  UniqueFd open(MemoryFeature feature) const;
  /// The entry of `feature`; that of version_gap() when the table has none.
  const InterfaceFile& entry(MemoryFeature feature) const;
  std::string path_of(MemoryFeature feature) const;
  /// Every feature, probed now.
  std::vector<Capability> capabilities() const;
  /// For a file that is there without the key that `feature` needs.
  [[noreturn]] void throw_missing(MemoryFeature feature) const;

 private:
  Capability probe(MemoryFeature feature) const;
  bool present(const InterfaceFile& file) const;
  std::optional<std::string> read_if_supported(const InterfaceFile& file) const;

  Directory directory_;
  std::span<const InterfaceFile> table_;
};

/// A file that holds one number and is read often: the descriptor stays open,
/// and a reading allocates nothing.
class NumberFile {
 public:
  NumberFile(UniqueFd fd, std::string path) noexcept;

  int fd() const noexcept { return fd_.get(); }
  /// Throws FileError and ParseError.
  std::uint64_t read() const;

 private:
  UniqueFd fd_;
  std::string path_;
};

std::unique_ptr<MemoryController> open_memory_v1(const Cgroup& group);
std::unique_ptr<MemoryController> open_memory_v2(const Cgroup& group);

}  // namespace cgroupfs
