// SPDX-License-Identifier: MIT
#include "malloc_demo/pacer.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <ctime>

namespace malloc_demo {
namespace {

constexpr std::chrono::nanoseconds tick = std::chrono::milliseconds(10);

}  // namespace

std::chrono::nanoseconds monotonic_now() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::seconds(now.tv_sec) +
         std::chrono::nanoseconds(now.tv_nsec);
}

void sleep_until(std::chrono::nanoseconds time) noexcept {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const timespec deadline{
      static_cast<std::time_t>(seconds.count()),
      static_cast<decltype(timespec::tv_nsec)>((time - seconds).count())};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nullptr) ==
         EINTR) {
  }
}

Pacer::Pacer(std::uint64_t total, std::chrono::nanoseconds ramp) noexcept
    : total_(total),
      ramp_(ramp),
      start_(monotonic_now()),
      allowed_(ramp.count() == 0 ? total : 0) {}

std::chrono::nanoseconds Pacer::due_time(std::uint64_t bytes) const noexcept {
  const double share = static_cast<double>(bytes) / static_cast<double>(total_);
  const double ticks = std::ceil(share * static_cast<double>(ramp_.count()) /
                                 static_cast<double>(tick.count()));
  return std::min(ramp_, tick * static_cast<std::int64_t>(ticks));
}

std::uint64_t Pacer::due_bytes(
    std::chrono::nanoseconds elapsed) const noexcept {
  if (elapsed >= ramp_) return total_;
  const double share =
      static_cast<double>(elapsed.count()) / static_cast<double>(ramp_.count());
  return static_cast<std::uint64_t>(share * static_cast<double>(total_));
}

void Pacer::wait_until_due(std::uint64_t bytes) noexcept {
  if (bytes <= allowed_) return;
  sleep_until(start_ + due_time(bytes));
  allowed_ = std::max(bytes, due_bytes(monotonic_now() - start_));
}

}  // namespace malloc_demo
