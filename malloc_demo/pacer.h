// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>

namespace malloc_demo {

/// The time of CLOCK_MONOTONIC, read without entering the kernel.
std::chrono::nanoseconds monotonic_now() noexcept;

/// Sleeps until CLOCK_MONOTONIC has reached `time`.
void sleep_until(std::chrono::nanoseconds time) noexcept;

/// Spreads `total` bytes evenly over `ramp`, in ticks of 10 ms.
class Pacer {
 public:
  /// Starts the clock. A zero ramp never waits.
  Pacer(std::uint64_t total, std::chrono::nanoseconds ramp) noexcept;

  /// Returns when `bytes` (counted from the start) may have been touched.
  void wait_until_due(std::uint64_t bytes) noexcept;

  /// Excludes a pause from the clock, so that the rate stays even after it.
  void skip(std::chrono::nanoseconds pause) noexcept { start_ += pause; }

 private:
  std::chrono::nanoseconds due_time(std::uint64_t bytes) const noexcept;
  std::uint64_t due_bytes(std::chrono::nanoseconds elapsed) const noexcept;

  std::uint64_t total_;
  std::chrono::nanoseconds ramp_;
  std::chrono::nanoseconds start_;
  std::uint64_t allowed_;
};

}  // namespace malloc_demo
