// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cgroupfs/unique_fd.h"

namespace lab {

/// An event of inotify(7).
struct InotifyEvent {
  int watch = -1;  ///< -1: IN_Q_OVERFLOW, which is of the whole queue
  std::uint32_t mask = 0;
  std::string name;  ///< in a watched directory; empty: the watched file itself
};

/// An inotify(7) instance. Never throws: without inotify nothing is reported.
class Inotify {
 public:
  Inotify() noexcept;

  /// Readable when there are events; -1 without inotify.
  int fd() const noexcept { return fd_.get(); }
  /// Watches the file at `path` for the events of `mask`. Returns the watch;
  /// -1, with errno, when that failed (ENOSPC: fs.inotify.max_user_watches;
  /// EMFILE: there is no instance, fs.inotify.max_user_instances).
  int add(const std::string& path, std::uint32_t mask) noexcept;
  void remove(int watch) noexcept;
  /// The events since the last call, in their order. Never blocks.
  std::vector<InotifyEvent> take();

 private:
  cgroupfs::UniqueFd fd_;
  int error_;  ///< errno of its creation
};

}  // namespace lab
