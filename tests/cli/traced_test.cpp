// SPDX-License-Identifier: MIT
/// A process whose tracer takes its status late: until then its parent is told
/// of an end that it cannot reap (ptrace(2)).
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "tests/cli/cli_test.h"

namespace cli_test {
namespace {

using Traced = CliTest;

TEST_F(Traced, EndIsWaitedForAndToldOnce) {
  Subprocess run = start_oom(
      {"--limit", "16M", "--ramp", "60s", "--timeout", "60s", "--json", "-"});
  const pid_t hog = climbing_hog(cgroupfs::Bytes{1});
  if (::ptrace(PTRACE_SEIZE, hog, nullptr, nullptr) != 0) {
    GTEST_SKIP() << "ptrace: this process may not trace another";
  }
  ASSERT_EQ(::kill(hog, SIGKILL), 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_TRUE(is_running(run.pid()));
  ASSERT_EQ(::waitpid(hog, nullptr, __WALL), hog);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 1) << ending.err;
  const Json record = parse_record(ending.out);
  EXPECT_EQ(record["verdict"]["status"], "killed");
  const Words kinds = event_kinds(record);
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "process_exited"), 1);
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "reaped"), 1);
}

}  // namespace
}  // namespace cli_test
