// SPDX-License-Identifier: MIT
#include "lab/os/poll_loop.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "cgroupfs/error.h"

namespace lab {

void PollLoop::watch(int fd, short events, Callback callback) {
  fds_.push_back({fd, events, 0});
  callbacks_.push_back(std::move(callback));
}

void PollLoop::unwatch(int fd) noexcept {
  for (pollfd& entry : fds_) {
    // poll(2) ignores negative descriptors; the slot stays, because a dispatch
    // may be walking over it.
    if (entry.fd == fd) entry = {-1, 0, 0};
  }
}

void PollLoop::run_until(const std::function<bool()>& done) {
  while (!done()) {
    if (::poll(fds_.data(), fds_.size(), -1) < 0) {
      if (errno == EINTR) continue;
      cgroupfs::throw_errno("wait for", "the child and its cgroup (poll)");
    }
    dispatch();
  }
}

void PollLoop::dispatch() {
  const std::size_t count = fds_.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (fds_[i].fd >= 0 && fds_[i].revents != 0) callbacks_[i]();
  }
}

}  // namespace lab
