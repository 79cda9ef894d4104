// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "cgroupfs/unique_fd.h"
#include "lab/record/procedure.h"

namespace lab {

/// A file for a process' memory that has no name: whatever happens, it is gone
/// with the processes that have it open.
class ScratchFile {
 public:
  /// Backing::tmpfs by memfd_create(2); Backing::disk by O_TMPFILE in a folder
  /// that lies on a disk, or the scratch block device of scripts/vm. Throws
  /// cgroupfs::FileError, and Unavailable where there is no disk.
  static ScratchFile create(Backing backing);

  /// Where a file of Backing::disk is made: a folder, or the scratch block
  /// device; empty when there is neither.
  static std::string place_on_disk();

  /// By which another process can open it, as long as this object lives.
  const std::string& path() const noexcept { return path_; }
  /// Whether others use it, too: the scratch block device. Who reads what
  /// another has read is charged nothing for it.
  bool shared() const noexcept { return shared_; }

 private:
  explicit ScratchFile(cgroupfs::UniqueFd fd);

  cgroupfs::UniqueFd fd_;
  std::string path_;
  bool shared_;
};

}  // namespace lab
