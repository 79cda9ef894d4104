// SPDX-License-Identifier: MIT
#pragma once

#include <set>
#include <string>

#include "cgroupfs/unique_fd.h"

namespace lab {

/// Names of files that were written.
struct Writes {
  /// Whether `file` was or, as reports were lost, may have been written.
  bool may_have(const std::string& file) const {
    return lost || ended.contains(file) || begun.contains(file);
  }

  std::set<std::string> ended;  ///< closed, whether the kernel took the value
  std::set<std::string> begun;  ///< truncated or modified: perhaps open still
  bool lost = false;            ///< there were more than the kernel keeps
};

/// Reports which files of a directory were written (inotify(7), IN_CLOSE_WRITE
/// and IN_MODIFY). It keeps max_queued_events of /proc/sys/fs/inotify between
/// two calls of take(). The kernel itself modifies the files of events (v2).
class WriteWatch {
 public:
  /// Watches nothing yet. Never throws: where inotify is not to be had, nothing
  /// is reported.
  WriteWatch();

  /// Readable when something was written; -1 without inotify.
  int fd() const noexcept { return fd_.get(); }
  /// Watches the directory at `path` in place of the one before.
  void watch(const std::string& path) noexcept;
  /// Since the last call. Never blocks.
  Writes take();

 private:
  cgroupfs::UniqueFd fd_;
  int watched_ = -1;
};

}  // namespace lab
