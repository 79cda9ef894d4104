// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <csignal>
#include <random>

#include <unistd.h>

#include "tests/cli/cli_test.h"

namespace cli_test {
namespace {

struct Interruption {
  int number;
  const char* name;
};

void PrintTo(const Interruption& interruption, std::ostream* stream) {
  *stream << interruption.name;
}

class Signals : public CliTest,
                public testing::WithParamInterface<Interruption> {
 protected:
  static int number() { return GetParam().number; }
};

const Words slow{"--limit", "64M", "--ramp", "1m"};

TEST_P(Signals, DuringTheClimbCleanUp) {
  Subprocess run = start_oom(slow);
  const pid_t hog = climbing_hog();
  run.signal(number());
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 128 + number());
  EXPECT_FALSE(ending.signalled) << "it reports, and then exits by itself";
  EXPECT_TRUE(has(ending.out, "INTERRUPTED"));
  EXPECT_TRUE(has(ending.out, GetParam().name));
  EXPECT_FALSE(is_running(hog));
  EXPECT_EQ(in_nest(), Words());
}

TEST_P(Signals, ManyTimesOverCleanUpOnce) {
  Subprocess run = start_oom(slow);
  const pid_t hog = climbing_hog();
  for (int i = 0; i < 100; ++i) run.signal(number());
  EXPECT_EQ(run.wait().status, 128 + number());
  EXPECT_FALSE(is_running(hog));
  EXPECT_EQ(in_nest(), Words());
}

/// From before its first instruction on. A signal that comes before there is
/// anything to clean up may end it at once.
TEST_P(Signals, AtAnyMomentLeaveNothing) {
  std::minstd_rand random(static_cast<unsigned>(number()));
  std::uniform_int_distribution<unsigned> delay_us(0, 20000);
  for (int i = 0; i < 60; ++i) {
    Subprocess run = start_oom(slow);
    ::usleep(delay_us(random));
    run.signal(number());
    const Ending ending = run.wait();
    ASSERT_EQ(ending.status, 128 + number()) << ending.err;
    ASSERT_EQ(in_nest(), Words());
    ASSERT_FALSE(nest().populated());
  }
}

TEST_P(Signals, InTheCoursesOrderCleanUp) {
  Subprocess run = start_oom(
      {"--limit", "64M", "--ramp", "1m", "--order", "course", "--verbose"});
  ASSERT_TRUE(run.says("gate opened"));
  run.signal(number());
  EXPECT_EQ(run.wait().status, 128 + number());
  EXPECT_EQ(in_nest(), Words());
  EXPECT_FALSE(nest().populated());
}

INSTANTIATE_TEST_SUITE_P(Of, Signals,
                         testing::Values(Interruption{SIGINT, "SIGINT"},
                                         Interruption{SIGTERM, "SIGTERM"},
                                         Interruption{SIGHUP, "SIGHUP"}),
                         testing::PrintToStringParamName());

class Killed : public CliTest {};

TEST_F(Killed, RunTakesItsChildWithIt) {
  Subprocess run = start_oom(slow);
  const pid_t hog = climbing_hog();
  run.signal(SIGKILL);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 137);
  EXPECT_TRUE(ends(hog));
  ASSERT_EQ(in_nest().size(), 1u);
  const std::string left = in_nest().front();
  EXPECT_TRUE(has(cglab({"clean"}).out, left));
}

TEST_F(Killed, RunAtAnyMomentIsCleanedUpByTheNext) {
  std::minstd_rand random(9);
  std::uniform_int_distribution<unsigned> delay_us(0, 20000);
  for (int i = 0; i < 30; ++i) {
    Subprocess run = start_oom(slow);
    ::usleep(delay_us(random));
    run.signal(SIGKILL);
    run.wait();
  }
  const Ending next = oom({"--limit", "8M", "--ramp", "0"});
  EXPECT_EQ(next.status, 0) << next.err;
  EXPECT_EQ(in_nest(), Words());
  EXPECT_FALSE(nest().populated());
}

}  // namespace
}  // namespace cli_test
