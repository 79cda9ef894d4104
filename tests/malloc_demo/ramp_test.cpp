// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <sched.h>

#include <chrono>
#include <string>
#include <vector>

#include "hog_process.h"

namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr std::uint64_t total_bytes = std::uint64_t{8} << 20;
constexpr Seconds ramp_time(1.2);

std::vector<std::string> ramp_arguments() {
  return {"--total", "8M", "--block", "1M", "--ramp", "1200ms", "--quiet"};
}

TEST(Ramp, IsNeverAheadOfTheEvenLine) {
  HogProcess hog(ramp_arguments());
  ASSERT_TRUE(hog.stops_at(0));
  const auto start = Clock::now();
  hog.open_gate();
  for (std::uint64_t touched = 0; touched < total_bytes; sched_yield()) {
    touched = hog.touched();
    // Read after the count, so a delay of the test makes it only milder.
    const Seconds elapsed = Clock::now() - start;
    const double line =
        static_cast<double>(total_bytes) * (elapsed / ramp_time);
    ASSERT_LE(static_cast<double>(touched), line + 4096);
    ASSERT_LT(elapsed, 30 * ramp_time);
  }
  EXPECT_EQ(hog.wait().exit_status, 0);
}

TEST(Ramp, ReachesTheFirstQuarterWellBeforeTheEnd) {
  HogProcess hog(ramp_arguments());
  ASSERT_TRUE(hog.stops_at(0));
  const auto start = Clock::now();
  hog.open_gate();
  while (hog.touched() < total_bytes / 4) sched_yield();
  const Seconds quarter = Clock::now() - start;
  EXPECT_EQ(hog.wait().exit_status, 0);
  const Seconds whole = Clock::now() - start;
  EXPECT_LT(quarter, whole * 0.75);
}

TEST(Ramp, StandsStillWhileAGateIsShut) {
  auto arguments = ramp_arguments();
  arguments.insert(arguments.end(), {"--gate-at", "4M"});
  HogProcess hog(arguments);
  hog.open_gate();
  ASSERT_TRUE(hog.stops_at(total_bytes / 2));
  // Time enough to touch all the rest at once, were the pause not taken out.
  const timespec pause{1, 0};
  nanosleep(&pause, nullptr);
  const auto start = Clock::now();
  hog.open_gate();
  EXPECT_EQ(hog.wait().exit_status, 0);
  EXPECT_GE(Seconds(Clock::now() - start), ramp_time * 0.4);
}

}  // namespace
