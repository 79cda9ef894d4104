// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <thread>

namespace test_support {

/// Longer than anything takes on a busy emulated machine; only a failing test
/// waits this long.
constexpr std::chrono::seconds wait_timeout(60);

/// Checks `condition` repeatedly until it is true (true) or `wait_timeout` has
/// expired (false).
template <typename Condition>
bool wait_until(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + wait_timeout;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace test_support
