// SPDX-License-Identifier: MIT
#include "lab/classroom/write_watch.h"

#include <sys/inotify.h>

namespace lab {

void WriteWatch::watch(const std::string& path) noexcept {
  if (watched_ >= 0) inotify_.remove(watched_);
  watched_ = inotify_.add(path, IN_CLOSE_WRITE | IN_MODIFY);
}

Writes WriteWatch::take() {
  Writes writes;
  for (const InotifyEvent& event : inotify_.take()) {
    // This event has no name: it is for the whole queue.
    writes.lost |= (event.mask & IN_Q_OVERFLOW) != 0;
    const bool ended = (event.mask & IN_CLOSE_WRITE) != 0;
    if (!event.name.empty()) {
      (ended ? writes.ended : writes.begun).insert(event.name);
    }
  }
  return writes;
}

}  // namespace lab
