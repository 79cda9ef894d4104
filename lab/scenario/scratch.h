// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "cgroupfs/unique_fd.h"
#include "lab/scenario/scenario.h"

namespace lab {

/// A file for an actor's memory that has no name: whatever happens, it is gone
/// with the processes that have it open.
class ScratchFile {
 public:
  /// Backing::tmpfs by memfd_create(2); Backing::disk by O_TMPFILE in a folder
  /// that lies on a disk, or the scratch block device of scripts/vm. Throws
  /// cgroupfs::FileError, and Unavailable where there is no disk.
  static ScratchFile create(Backing backing);

  /// By which another process can open it, as long as this object lives.
  const std::string& path() const noexcept { return path_; }

 private:
  ScratchFile(cgroupfs::UniqueFd fd, std::string path)
      : fd_(std::move(fd)), path_(std::move(path)) {}

  cgroupfs::UniqueFd fd_;
  std::string path_;
};

}  // namespace lab
