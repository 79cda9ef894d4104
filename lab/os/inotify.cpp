// SPDX-License-Identifier: MIT
#include "lab/os/inotify.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace lab {

Inotify::Inotify() noexcept
    : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), error_(fd_ ? 0 : errno) {}

int Inotify::add(const std::string& path, std::uint32_t mask) noexcept {
  errno = error_;
  return fd_ ? ::inotify_add_watch(fd_.get(), path.c_str(), mask) : -1;
}

void Inotify::remove(int watch) noexcept {
  if (fd_) ::inotify_rm_watch(fd_.get(), watch);
}

std::vector<InotifyEvent> Inotify::take() {
  std::vector<InotifyEvent> events;
  std::array<char, 16384> buffer;
  while (fd_) {
    const ssize_t size = ::read(fd_.get(), buffer.data(), buffer.size());
    if (size <= 0) break;
    const char* const end = buffer.data() + size;
    for (const char* at = buffer.data(); at < end;) {
      inotify_event event;
      std::memcpy(&event, at, sizeof event);
      // The name is padded with NULs.
      events.push_back(
          {event.wd, event.mask, event.len > 0 ? at + sizeof event : ""});
      at += sizeof event + event.len;
    }
  }
  return events;
}

}  // namespace lab
