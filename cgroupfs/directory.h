// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cgroupfs/unique_fd.h"

namespace cgroupfs {

/// An open directory (O_CLOEXEC, not O_PATH). The path it was opened by is only
/// for messages: every access goes through the descriptor, so that a renamed or
/// remounted path cannot redirect it. Files are never created (no O_CREAT): an
/// interface file either exists or is missing from this kernel.
class Directory {
 public:
  /// Opens `path`. Throws FileError.
  static Directory open(const std::string& path);
  /// The same; nullopt when it does not exist (ENOENT, ENODEV), throws
  /// FileError for all other errors.
  static std::optional<Directory> try_open(const std::string& path);

  /// The descriptor, still owned by this object.
  int fd() const noexcept { return fd_.get(); }
  /// The path it was opened by.
  const std::string& path() const noexcept { return path_; }
  /// `path()` and `name` joined, for messages.
  std::string path_of(std::string_view name) const;

  /// A second descriptor on the same directory. Throws FileError.
  Directory duplicate() const;
  /// Opens the child directory `name`. Throws FileError.
  Directory open_directory(const std::string& name) const;
  /// Opens file `name` with `flags` (O_CLOEXEC is added). Throws FileError.
  UniqueFd open_file(const std::string& name, int flags) const;
  /// The same; nullopt only for ENOENT, ENODEV and ESRCH (in /proc).
  std::optional<UniqueFd> try_open_file(const std::string& name,
                                        int flags) const;

  /// Whole content of file `name`. Throws FileError.
  std::string read(const std::string& name) const;
  /// The same; nullopt only for ENOENT, ENODEV and ESRCH (in /proc).
  std::optional<std::string> try_read(const std::string& name) const;
  /// Writes `value` to file `name` in one write(2), as interface files require.
  /// Throws FileError naming file and value.
  void write(const std::string& name, std::string_view value) const;

  /// Whether file or directory `name` exists. Throws FileError for errors other
  /// than absence.
  bool exists(const std::string& name) const;
  /// Whether `name` may be written by this process (faccessat, effective ids).
  bool writable(const std::string& name) const noexcept;
  /// Its present path: it may have been renamed. nullopt when it is gone, or
  /// /proc is not mounted.
  std::optional<std::string> path_now() const;
  /// Names of the child directories, sorted. Throws FileError.
  std::vector<std::string> subdirectories() const;
  /// Makes directory `name`, mode 0755. Throws FileError.
  void make_directory(const std::string& name) const;
  /// Removes the empty directory `name`. Throws FileError.
  void remove_directory(const std::string& name) const;

 private:
  Directory(UniqueFd fd, std::string path);

  UniqueFd fd_;
  std::string path_;
};

/// Appends the rest of `fd` to `text`; 0, or the errno of a failed read.
int read_to_end(int fd, std::string& text);

/// Reads `fd` from its start to its end. `path` is for the message. Throws
/// FileError.
std::string read_all(int fd, const std::string& path);

/// Whole content of the file at `path`. Throws FileError.
std::string read_file(const std::string& path);
/// The same; nullopt only for ENOENT, ENODEV and ESRCH (in /proc).
std::optional<std::string> try_read_file(const std::string& path);

}  // namespace cgroupfs
