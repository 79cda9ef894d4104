// SPDX-License-Identifier: MIT
#pragma once

#include <set>
#include <string>

#include "cgroupfs/unique_fd.h"

namespace lab {

/// Tells which files of a directory somebody has opened for writing and closed
/// (inotify(7), IN_CLOSE_WRITE), whether the kernel took the value or not.
class WriteWatch {
 public:
  /// Watches nothing yet. Never throws: where inotify is not to be had, nothing
  /// is told.
  WriteWatch();

  /// Readable when something was written; -1 without inotify.
  int fd() const noexcept { return fd_.get(); }
  /// Watches the directory at `path` in place of the one before.
  void watch(const std::string& path) noexcept;
  /// Names of the files that were written since the last call. Never blocks.
  std::set<std::string> take();

 private:
  cgroupfs::UniqueFd fd_;
  int watched_ = -1;
};

}  // namespace lab
