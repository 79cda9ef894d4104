// SPDX-License-Identifier: MIT
#include "lab/os/timer_fd.h"

#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "cgroupfs/error.h"

namespace lab {
namespace {

using std::chrono::nanoseconds;

constexpr std::int64_t second_ns = 1000000000;

timespec to_timespec(nanoseconds time) {
  return {static_cast<time_t>(time.count() / second_ns),
          static_cast<long>(time.count() % second_ns)};
}

}  // namespace

std::int64_t monotonic_ns() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * second_ns + now.tv_nsec;
}

TimerFd::TimerFd()
    : fd_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
  if (!fd_) cgroupfs::throw_errno("create", "timerfd");
}

void TimerFd::every(nanoseconds interval) {
  set(interval, interval);
}

void TimerFd::once(nanoseconds delay) {
  set(delay, nanoseconds(0));
}

void TimerFd::drain() const noexcept {
  std::uint64_t expirations = 0;
  [[maybe_unused]] const ssize_t taken =
      ::read(fd_.get(), &expirations, sizeof(expirations));
}

void TimerFd::set(nanoseconds first, nanoseconds interval) {
  const itimerspec times{to_timespec(interval), to_timespec(first)};
  if (::timerfd_settime(fd_.get(), 0, &times, nullptr) != 0) {
    cgroupfs::throw_errno("arm", "timerfd");
  }
}

}  // namespace lab
