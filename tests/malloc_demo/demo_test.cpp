// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <signal.h>

#include <string>

#include "hog_process.h"
#include "tests/support/error_text.h"

namespace {

TEST(Demo, TellsEachBlock) {
  const Ending ending = run_malloc_demo(
      {"--block", "1M", "--total", "2500K", "--interval", "1ms"});
  EXPECT_EQ(ending.exit_status, 0);
  EXPECT_EQ(ending.errors, "");
  EXPECT_TRUE(ending.output.starts_with("malloc_demo: pid "));
  EXPECT_TRUE(has(ending.output,
                  "malloc_demo: 2.4 MiB (2560000 bytes) in 3 x 1 MiB (1048576 "
                  "bytes) (the last one smaller), memory anon, touch write, "
                  "1ms after each block\n"));
  EXPECT_TRUE(has(ending.output,
                  "malloc_demo: block 2 of 3: 1 MiB (1048576 bytes), total "
                  "2 MiB (2097152 bytes)\n"));
  EXPECT_TRUE(has(ending.output,
                  "malloc_demo: block 3 of 3: 452 KiB (462848 bytes), total "
                  "2.4 MiB (2560000 bytes)\n"));
}

TEST(Demo, TellsTheRateOfARamp) {
  EXPECT_TRUE(has(run_malloc_demo({"--total", "64K", "--ramp", "20ms"}).output,
                  "evenly within 20ms\n"));
  EXPECT_TRUE(has(run_malloc_demo({"--total", "64K", "--ramp", "0"}).output,
                  "at full speed\n"));
}

TEST(Demo, LinesReachAPipeAtOnceAndBeginWithThePid) {
  HogProcess hog({"--block", "64K", "--count", "1", "--hold"});
  EXPECT_EQ(hog.read_line(), "malloc_demo: pid " + std::to_string(hog.pid()));
  hog.read_line();
  hog.open_gate();
  EXPECT_TRUE(has(hog.read_line(), "block 1 of 1"));
  EXPECT_EQ(hog.read_line(),
            "malloc_demo: holding 64 KiB (65536 bytes) until a signal arrives: "
            "kill " +
                std::to_string(hog.pid()));
}

TEST(Demo, WaitsAfterEachBlock) {
  HogProcess hog({"--block", "64K", "--count", "2", "--interval", "1h"});
  hog.open_gate();
  EXPECT_TRUE(hog.stops_at(65536));
}

TEST(Demo, QuietSaysNothing) {
  const Ending ending =
      run_malloc_demo({"--total", "64K", "--interval", "0", "--quiet"});
  EXPECT_EQ(ending.exit_status, 0);
  EXPECT_EQ(ending.output + ending.errors, "");
}

class HoldTest : public testing::TestWithParam<int> {};

TEST_P(HoldTest, EndsOnTheSignal) {
  HogProcess hog({"--total", "64K", "--hold", "--quiet"});
  hog.open_gate();
  ASSERT_TRUE(hog.stops_at(65536));
  kill(hog.pid(), GetParam());
  const Ending ending = hog.wait();
  EXPECT_EQ(ending.signal, GetParam());
  EXPECT_EQ(ending.output + ending.errors, "");
}

INSTANTIATE_TEST_SUITE_P(Signals, HoldTest, testing::Values(SIGTERM, SIGINT));

TEST(Demo, HelpNamesEveryOption) {
  const Ending ending = run_malloc_demo({"--help"});
  EXPECT_EQ(ending.exit_status, 0);
  EXPECT_EQ(ending.errors, "");
  for (const char* option :
       {"--block", "--count", "--total", "--interval", "--ramp", "--touch",
        "--memory", "--file-dir", "--hold", "--quiet", "--help", "--version",
        "--gate-fd", "--gate-at", "--progress-fd"}) {
    EXPECT_TRUE(has(ending.output, option));
  }
}

TEST(Demo, HelpFitsATerminalOf60Columns) {
  const std::string text = run_malloc_demo({"--help"}).output;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin);
    ASSERT_NE(end, text.npos);
    EXPECT_LE(end - begin, 60u) << text.substr(begin, end - begin);
    begin = end + 1;
  }
}

TEST(Demo, VersionIsOneLine) {
  const Ending ending = run_malloc_demo({"--version"});
  EXPECT_EQ(ending.exit_status, 0);
  EXPECT_TRUE(ending.output.starts_with("malloc_demo "));
  EXPECT_EQ(ending.output.find('\n'), ending.output.size() - 1);
}

}  // namespace
