// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <ctime>
#include <string>

#include "hog_process.h"
#include "tests/support/error_text.h"

namespace {

constexpr std::uint64_t mib = 1048576;

std::uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

TEST(Gate, NothingIsTouchedBeforeTheByte) {
  HogProcess hog({"--total", "2M", "--interval", "0", "--quiet"});
  ASSERT_TRUE(hog.stops_at(0));
  EXPECT_EQ(hog.last_touch_ns(), 0U);
  const std::uint64_t before = now_ns();
  hog.open_gate();
  EXPECT_EQ(hog.wait().exit_status, 0);
  EXPECT_EQ(hog.touched(), 2 * mib);
  EXPECT_GT(hog.last_touch_ns(), before);
  EXPECT_LT(hog.last_touch_ns(), now_ns());
}

TEST(Gate, EndOfFileEndsItSilently) {
  HogProcess hog({"--quiet"});
  hog.close_gate();
  const Ending ending = hog.wait();
  EXPECT_EQ(ending.exit_status, 3);
  EXPECT_EQ(ending.output + ending.errors, "");
  EXPECT_EQ(hog.touched(), 0U);
}

TEST(Gate, StopsExactlyAtEachSize) {
  HogProcess hog({"--block", "1M", "--total", "3M", "--interval", "0",
                  "--gate-at", "4K", "--gate-at", "1000000", "--gate-at", "1M",
                  "--gate-at", "3M", "--quiet"});
  for (const std::uint64_t bytes : {std::uint64_t{0}, std::uint64_t{4096},
                                    std::uint64_t{1003520}, mib, 3 * mib}) {
    ASSERT_TRUE(hog.stops_at(bytes)) << bytes;
    hog.open_gate();
  }
  EXPECT_EQ(hog.wait().exit_status, 0);
}

TEST(Gate, EndOfFileAtALaterGateEndsItToo) {
  HogProcess hog(
      {"--total", "2M", "--interval", "0", "--gate-at", "1M", "--quiet"});
  hog.open_gate();
  ASSERT_TRUE(hog.stops_at(mib));
  hog.close_gate();
  EXPECT_EQ(hog.wait().exit_status, 3);
  EXPECT_EQ(hog.touched(), mib);
}

TEST(Gate, BadDescriptorIsNamed) {
  const Ending ending = run_malloc_demo({"--gate-fd", "987"});
  EXPECT_EQ(ending.exit_status, 1);
  EXPECT_TRUE(has(ending.errors, "gate, descriptor 987: Bad file descriptor"));
}

class ProgressTest : public testing::TestWithParam<const char*> {};

TEST_P(ProgressTest, CountsEveryPageOfEveryBlock) {
  HogProcess hog(
      {"--block", "300K", "--total", "1M", "--ramp", GetParam(), "--quiet"});
  hog.open_gate();
  EXPECT_EQ(hog.wait().exit_status, 0);
  EXPECT_EQ(hog.touched(), mib);
}

INSTANTIATE_TEST_SUITE_P(Ramps, ProgressTest, testing::Values("0", "30ms"));

TEST(Progress, UntouchedMemoryDoesNotCount) {
  HogProcess hog(
      {"--total", "1M", "--interval", "0", "--touch", "none", "--quiet"});
  hog.open_gate();
  EXPECT_EQ(hog.wait().exit_status, 0);
  EXPECT_EQ(hog.touched(), 0U);
}

TEST(Progress, BadDescriptorIsNamed) {
  const Ending ending = run_malloc_demo({"--progress-fd", "987"});
  EXPECT_EQ(ending.exit_status, 1);
  EXPECT_TRUE(has(ending.errors,
                  "descriptor 987 as progress page: Bad file descriptor"));
}

TEST(Progress, EmptyMemfdIsRefused) {
  const int fd = memfd_create("empty", 0);
  const Ending ending =
      run_malloc_demo({"--progress-fd", std::to_string(fd), "--total", "64K"});
  close(fd);
  EXPECT_EQ(ending.exit_status, 1);
  EXPECT_TRUE(has(ending.errors, "it is 0 bytes long, too short"));
}

}  // namespace
