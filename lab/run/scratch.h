// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "cgroupfs/unique_fd.h"
#include "lab/record/procedure.h"

namespace lab {

/// An unnamed file for the memory of a process: it disappears with the
/// processes that have it open.
class ScratchFile {
 public:
  /// Backing::tmpfs uses memfd_create(2); Backing::disk uses O_TMPFILE in a
  /// folder on a disk, or the scratch block device of scripts/vm. Throws
  /// cgroupfs::FileError, and Unavailable where there is no disk.
  static ScratchFile create(Backing backing);

  /// The location of a file of Backing::disk: a folder, or the scratch block
  /// device; empty when there is neither.
  static std::string place_on_disk();

  /// A path with which another process can open it, until this object is
  /// destroyed.
  const std::string& path() const noexcept { return path_; }
  /// Whether other processes use it, too: the scratch block device. Reading
  /// what another process has read is charged nothing.
  bool shared() const noexcept { return shared_; }

 private:
  explicit ScratchFile(cgroupfs::UniqueFd fd);

  cgroupfs::UniqueFd fd_;
  std::string path_;
  bool shared_;
};

}  // namespace lab
