// SPDX-License-Identifier: MIT
#include "lab/classroom/write_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace lab {

WriteWatch::WriteWatch() : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

void WriteWatch::watch(const std::string& path) noexcept {
  if (!fd_) return;
  if (watched_ >= 0) ::inotify_rm_watch(fd_.get(), watched_);
  watched_ =
      ::inotify_add_watch(fd_.get(), path.c_str(), IN_CLOSE_WRITE | IN_MODIFY);
}

Writes WriteWatch::take() {
  Writes writes;
  std::array<char, 4096> buffer;
  while (fd_) {
    const ssize_t size = ::read(fd_.get(), buffer.data(), buffer.size());
    if (size <= 0) break;
    const char* const end = buffer.data() + size;
    for (const char* at = buffer.data(); at < end;) {
      inotify_event event;
      std::memcpy(&event, at, sizeof event);
      // This event has no name: it is for the whole queue.
      writes.lost |= (event.mask & IN_Q_OVERFLOW) != 0;
      const bool ended = (event.mask & IN_CLOSE_WRITE) != 0;
      if (event.len > 0) {
        (ended ? writes.ended : writes.begun).insert(at + sizeof event);
      }
      at += sizeof event + event.len;
    }
  }
  return writes;
}

}  // namespace lab
