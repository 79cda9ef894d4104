// SPDX-License-Identifier: MIT
#pragma once

#include <set>
#include <string>

#include "lab/os/inotify.h"

namespace lab {

/// Names of files that were written.
struct Writes {
  /// Whether `file` was written, or may have been as events were lost.
  bool may_have(const std::string& file) const {
    return lost || ended.contains(file) || begun.contains(file);
  }

  std::set<std::string>
      ended;  ///< closed, whether or not the kernel accepted the value
  std::set<std::string> begun;  ///< truncated or modified, perhaps still open
  bool lost = false;            ///< the kernel's queue overflowed
};

/// Reports which files of a directory were written (inotify(7), IN_CLOSE_WRITE
/// and IN_MODIFY); nothing without inotify. The kernel queues max_queued_events
/// (/proc/sys/fs/inotify) between two calls of take(). The kernel itself
/// modifies the events files (v2).
class WriteWatch {
 public:
  /// Readable when something was written; -1 without inotify.
  int fd() const noexcept { return inotify_.fd(); }
  /// Watches the directory at `path` instead of the previous one.
  void watch(const std::string& path) noexcept;
  /// The writes since the last call. Never blocks.
  Writes take();

 private:
  Inotify inotify_;
  int watched_ = -1;
};

}  // namespace lab
