// SPDX-License-Identifier: MIT
/// A process whose tracer reaps it late: until then its parent is notified
/// of an end that it cannot reap (ptrace(2)).
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "tests/cli/cli_test.h"
#include "tests/support/temp_folder.h"

namespace cli_test {
namespace {

class Traced : public CliTest {
 protected:
  /// Traces the hog, or skips the test.
  void trace(pid_t hog) {
    if (::ptrace(PTRACE_SEIZE, hog, nullptr, nullptr) != 0) {
      GTEST_SKIP() << "ptrace: this process may not trace another";
    }
  }

  /// Takes the status of `hog` a while after its end.
  void take_status_late(pid_t hog) {
    siginfo_t info{};
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(hog), &info,
                       WEXITED | WNOWAIT | __WALL),
              0);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    ASSERT_EQ(::waitpid(hog, nullptr, __WALL), hog);
  }
};

/// Processes that cglab kills are not an exception.
TEST_F(Traced, EndByTheDeadlineIsWaitedFor) {
  Subprocess run = start_oom(
      {"--limit", "16M", "--ramp", "60s", "--timeout", "2s", "--json", "-"});
  const pid_t hog = climbing_hog(cgroupfs::Bytes{1});
  trace(hog);
  if (IsSkipped()) return;
  take_status_late(hog);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 124) << ending.err;
  const Json record = parse_record(ending.out);
  EXPECT_EQ(record["verdict"]["status"], "deadline");
  EXPECT_EQ(record["processes"][0]["ended_by_cglab"], true);
  EXPECT_EQ(record["processes"][0]["signal"], SIGKILL);
}

TEST_F(Traced, EndIsWaitedForAndReportedOnce) {
  Subprocess run = start_oom(
      {"--limit", "16M", "--ramp", "60s", "--timeout", "60s", "--json", "-"});
  const pid_t hog = climbing_hog(cgroupfs::Bytes{1});
  trace(hog);
  if (IsSkipped()) return;
  ASSERT_EQ(::kill(hog, SIGKILL), 0);
  take_status_late(hog);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 1) << ending.err;
  const Json record = parse_record(ending.out);
  EXPECT_EQ(record["verdict"]["status"], "killed");
  const Words kinds = event_kinds(record);
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "process_exited"), 1);
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "reaped"), 1);
}

/// As strace -p does: until it has, the end cannot be taken.
TEST_F(Traced, StatusOfACommandIsThatWhichTheTracerReaps) {
  TempFolder folder;
  const std::string fifo = folder.path_of("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  for (int i = 0; i < 20; ++i) {
    Subprocess run = Subprocess::start(
        cglab_spec({"run", "--parent", nest().path(), "--", "sh", "-c",
                    "echo up >&2; read line < " + fifo + "; exit 5"}));
    ASSERT_TRUE(run.says("up"));
    const pid_t command = climbing_hog({1});
    trace(command);
    if (IsSkipped()) return;
    std::ofstream(fifo) << "go" << std::endl;
    ASSERT_EQ(::waitpid(command, nullptr, __WALL), command);
    const Ending ending = run.wait();
    EXPECT_EQ(ending.status, 5) << ending.err;
  }
}

}  // namespace
}  // namespace cli_test
