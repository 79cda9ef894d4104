// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>

#include "cgroupfs/unique_fd.h"

namespace lab {

/// CLOCK_MONOTONIC now, in nanoseconds.
std::int64_t monotonic_ns() noexcept;

/// A timerfd on CLOCK_MONOTONIC.
class TimerFd {
 public:
  /// Throws cgroupfs::FileError.
  TimerFd();

  int fd() const noexcept { return fd_.get(); }
  /// Fires every `interval`, which is larger than 0. Throws
  /// cgroupfs::FileError.
  void every(std::chrono::nanoseconds interval);
  /// Fires once after `delay`, which is larger than 0. Throws
  /// cgroupfs::FileError.
  void once(std::chrono::nanoseconds delay);
  /// Consumes the pending expirations. Never blocks.
  void drain() const noexcept;

 private:
  void set(std::chrono::nanoseconds first, std::chrono::nanoseconds interval);

  cgroupfs::UniqueFd fd_;
};

}  // namespace lab
