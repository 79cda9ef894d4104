// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <signal.h>

#include "lab/analyze.h"
#include "tests/support/error_text.h"
#include "tests/support/sample_record.h"

namespace lab {
namespace {

RunRecord as_command(RunRecord record) {
  Parameters asked;
  asked.limit = test_support::sample_limit;
  CommandPlan command;
  command.command = {"make"};
  record.plan = make_command_plan(asked, command);
  return record;
}

RunRecord killed() {
  return as_command(test_support::killed_on_v2());
}

RunRecord finished(int status) {
  RunRecord record = as_command(test_support::survived_on_v2());
  record.child.exit_code = status;
  return record;
}

/// An OOM kill of a process that the command had started.
RunRecord killed_inside() {
  RunRecord record = killed();
  record.child.signal = std::nullopt;
  record.child.exit_code = 5;
  record.victim->pid = test_support::sample_pid + 1;
  return record;
}

TEST(AnalyzeCommand, finds_the_kill_by_its_own_limit) {
  const Verdict verdict = analyze(killed());
  EXPECT_EQ(verdict.status, Status::oom_killed);
  EXPECT_EQ(verdict.limit_owner, LimitOwner::own);
  EXPECT_TRUE(has(verdict.reason,
                  "killed the command at the limit of its own "
                  "cgroup, 104960000 bytes"));
}

TEST(AnalyzeCommand, finds_the_kill_by_a_limit_above) {
  RunRecord record = killed();
  record.victim->oom_memcg = "/user.slice";
  EXPECT_EQ(analyze(record).status, Status::oom_killed_by_ancestor);
}

TEST(AnalyzeCommand, finds_the_kill_inside_and_names_the_victim) {
  const Verdict verdict = analyze(killed_inside());
  EXPECT_EQ(verdict.status, Status::oom_killed_inside);
  EXPECT_TRUE(has(verdict.reason, "malloc_demo (pid 4243)"));
  EXPECT_TRUE(has(verdict.reason, "itself exited with status 5"));
}

TEST(AnalyzeCommand, finds_the_kill_inside_without_the_log) {
  RunRecord record = killed_inside();
  test_support::forget_log(record);
  EXPECT_EQ(analyze(record).status, Status::oom_killed_inside);
  EXPECT_TRUE(has(analyze(record).reason, "/dev/kmsg"));
}

TEST(AnalyzeCommand, blames_no_limit_when_another_was_the_victim) {
  RunRecord record = killed();
  record.victim->pid = test_support::sample_pid + 1;
  EXPECT_EQ(analyze(record).status, Status::oom_killed_inside);
  record.plan.run->oom_group = true;
  EXPECT_EQ(analyze(record).status, Status::oom_killed);
}

TEST(AnalyzeCommand, tells_another_hand) {
  RunRecord record = killed();
  record.after.oom_kills = 0;
  const Verdict verdict = analyze(record);
  EXPECT_EQ(verdict.status, Status::killed);
  EXPECT_TRUE(has(verdict.reason, "another hand"));
}

TEST(AnalyzeCommand, tells_a_crash) {
  RunRecord record = finished(0);
  record.child.exit_code = std::nullopt;
  record.child.signal = SIGSEGV;
  EXPECT_EQ(analyze(record).status, Status::crashed);
  EXPECT_EQ(analyze(record).reason, "The command ended by SIGSEGV.");
}

TEST(AnalyzeCommand, finishes_with_any_status) {
  for (const int status : {0, 1, 255}) {
    const Verdict verdict = analyze(finished(status));
    EXPECT_EQ(verdict.status, Status::finished);
    EXPECT_TRUE(has(verdict.reason, "status " + std::to_string(status)));
    EXPECT_TRUE(has(verdict.reason, "peak was 52690944 bytes"));
  }
}

TEST(AnalyzeCommand, tells_number_and_time_of_the_throttling) {
  RunRecord record = finished(0);
  record.plan.run->high = Limit::of(Bytes{8 * mebi});
  record.before.events->high = 2;
  record.after.events->high = 19;
  EXPECT_TRUE(has(analyze(record).reason, "no PSI"));
  record.before.stalled = std::chrono::seconds(1);
  record.after.stalled = std::chrono::milliseconds(3500);
  const Verdict verdict = analyze(record);
  EXPECT_EQ(verdict.status, Status::throttled);
  EXPECT_TRUE(has(verdict.reason, "rose by 17"));
  EXPECT_TRUE(has(verdict.reason, "8388608 bytes"));
  EXPECT_TRUE(has(verdict.reason, "2.5 s"));
}

TEST(AnalyzeCommand, tells_who_ended_it) {
  RunRecord record = finished(0);
  record.plan.run->timeout = std::chrono::seconds(2);
  record.deadline_passed = true;
  EXPECT_EQ(analyze(record).status, Status::deadline);
  EXPECT_TRUE(has(analyze(record).reason, "deadline of 2s"));
  record.interrupted_by = SIGTERM;
  EXPECT_EQ(analyze(record).status, Status::interrupted);
  EXPECT_TRUE(has(analyze(record).reason, "SIGTERM"));
}

}  // namespace
}  // namespace lab
