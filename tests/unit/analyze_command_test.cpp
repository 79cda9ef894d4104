// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <signal.h>

#include <vector>

#include "lab/verdict/analyze.h"
#include "tests/support/error_text.h"
#include "tests/support/reason.h"
#include "tests/support/sample_record.h"

namespace lab {
namespace {

using test_support::reason_of;

RunRecord killed() {
  return test_support::as_command(test_support::killed_on_v2(), {"make"});
}

RunRecord finished(int status) {
  RunRecord record =
      test_support::as_command(test_support::survived_on_v2(), {"make"});
  main_process(record).exit_code = status;
  return record;
}

/// An OOM kill of a process that the command started.
RunRecord killed_inside() {
  RunRecord record = killed();
  main_process(record).signal = std::nullopt;
  main_process(record).exit_code = 5;
  record.evidence.victims.front().pid = test_support::sample_pid + 1;
  return record;
}

TEST(AnalyzeCommand, finds_the_kill_at_its_own_limit) {
  const Verdict verdict = analyze(killed());
  EXPECT_EQ(verdict.status, Status::oom_killed);
  EXPECT_EQ(verdict.limit_owner, LimitOwner::own);
  EXPECT_TRUE(has(reason_of(verdict),
                  "killed the command at the limit of its own "
                  "cgroup, 104960000 bytes"));
}

TEST(AnalyzeCommand, finds_the_kill_at_an_ancestors_limit) {
  RunRecord record = killed();
  record.evidence.victims.front().oom_memcg = "/user.slice";
  EXPECT_EQ(analyze(record).status, Status::oom_killed_by_ancestor);
}

TEST(AnalyzeCommand, finds_the_kill_inside_and_names_the_victim) {
  const Verdict verdict = analyze(killed_inside());
  EXPECT_EQ(verdict.status, Status::oom_killed_inside);
  EXPECT_TRUE(has(reason_of(verdict), "malloc_demo (pid 4243)"));
  EXPECT_TRUE(
      has(reason_of(verdict), "The command itself exited with status 5"));
}

TEST(AnalyzeCommand, finds_the_kill_inside_without_the_log) {
  RunRecord record = killed_inside();
  test_support::forget_log(record);
  EXPECT_EQ(analyze(record).status, Status::oom_killed_inside);
  EXPECT_TRUE(has(reason_of(analyze(record)), "/dev/kmsg"));
}

/// A complete log names every victim, also where all are killed together.
TEST(AnalyzeCommand, is_ruled_out_by_a_log_that_names_another) {
  RunRecord record = killed();
  record.evidence.victims.front().pid = test_support::sample_pid + 1;
  // One of that name may have shared its memory.
  EXPECT_EQ(analyze(record).status, Status::oom_killed_undetermined);
  record.evidence.victims.front().name = "cc1plus";
  EXPECT_EQ(analyze(record).status, Status::oom_killed_inside);
  EXPECT_TRUE(has(reason_of(analyze(record)), "ended by SIGKILL"));
  record.limits.push_back(
      {"run", "memory.oom.group", "1", Limit::of(Bytes{1}), {}, {}});
  EXPECT_EQ(analyze(record).status, Status::oom_killed_inside);
  std::vector<Victim>& victims = record.evidence.victims;
  victims.insert(victims.begin(), killed().evidence.victims.front());
  EXPECT_EQ(analyze(record).status, Status::oom_killed);
}

TEST(AnalyzeCommand, needs_the_log_unless_it_is_the_only_process) {
  RunRecord record = killed();
  test_support::forget_log(record);
  EXPECT_EQ(analyze(record).status, Status::oom_killed);
  test_support::add_other(record);
  const Verdict verdict = analyze(record);
  EXPECT_EQ(verdict.status, Status::oom_killed_undetermined);
  EXPECT_EQ(verdict.oom_kill, OomKill::inside);
  EXPECT_EQ(verdict.limit_owner, LimitOwner::own);
  EXPECT_TRUE(has(reason_of(verdict), "oom_kill rose from 0 to 1"));
  EXPECT_TRUE(has(reason_of(verdict), "The kernel log would decide it"));
}

TEST(AnalyzeCommand, does_not_confuse_pids_of_another_namespace) {
  RunRecord record = killed();
  test_support::add_other(record);
  record.environment.initial_pid_namespace = false;
  EXPECT_EQ(analyze(record).status, Status::oom_killed_undetermined);
  EXPECT_TRUE(has(reason_of(analyze(record)), "initial PID namespace"));
  record.evidence.ledger.processes.pop_back();
  EXPECT_EQ(analyze(record).status, Status::oom_killed);
}

/// On v1 the counter of a cgroup inside is removed with its directory.
TEST(AnalyzeCommand, finds_the_kill_inside_only_in_the_log) {
  RunRecord record = killed_inside();
  test_support::forget_count(record);
  const Verdict verdict = analyze(record);
  EXPECT_EQ(verdict.status, Status::oom_killed_inside);
  EXPECT_TRUE(has(reason_of(verdict), "and no counter shows its kill"));
}

TEST(AnalyzeCommand, reports_that_it_left) {
  RunRecord record = finished(3);
  record.evidence.ledger.main_inside = false;
  main_member(record)->left_for = "/user.slice/elsewhere";
  const Verdict verdict = analyze(record);
  EXPECT_EQ(verdict.status, Status::left);
  EXPECT_TRUE(has(reason_of(verdict), "showed it in /user.slice/elsewhere, "));
  EXPECT_TRUE(has(reason_of(verdict), "neither limited nor measured"));
  EXPECT_TRUE(has(reason_of(verdict), "exited with status 3"));
}

TEST(AnalyzeCommand, is_killed_by_something_else) {
  RunRecord record = killed();
  test_support::forget_count(record);
  record.evidence.victims.clear();
  EXPECT_EQ(analyze(record).status, Status::killed);
  EXPECT_TRUE(has(reason_of(analyze(record)), "not by the OOM killer"));
  record.evidence.kernel_log_complete = false;
  EXPECT_EQ(analyze(record).status, Status::killed);
  record.evidence.ledger.main_inside = false;
  EXPECT_EQ(analyze(record).status, Status::killed_undetermined);
}

TEST(AnalyzeCommand, reports_a_crash) {
  RunRecord record = finished(0);
  main_process(record).exit_code = std::nullopt;
  main_process(record).signal = SIGSEGV;
  EXPECT_EQ(analyze(record).status, Status::crashed);
  EXPECT_EQ(reason_of(analyze(record)), "The command ended by SIGSEGV.");
}

TEST(AnalyzeCommand, finishes_with_any_status) {
  for (const int status : {0, 1, 255}) {
    const Verdict verdict = analyze(finished(status));
    EXPECT_EQ(verdict.status, Status::finished);
    EXPECT_TRUE(has(reason_of(verdict), "status " + std::to_string(status)));
    EXPECT_TRUE(has(reason_of(verdict), "peak was 52690944 bytes"));
  }
}

TEST(AnalyzeCommand, reports_number_and_time_of_the_throttling) {
  RunRecord record = finished(0);
  record.limits.push_back(
      {"run", "memory.high", "8388608", Limit::of(Bytes{8 * mebi}), {}, {}});
  record.evidence.before.events->high = 2;
  record.evidence.after.events->high = 19;
  // Only of a descendant.
  EXPECT_EQ(analyze(record).status, Status::finished);
  record.evidence.after.local_events->high = 17;
  EXPECT_TRUE(has(reason_of(analyze(record)), "no PSI"));
  record.evidence.before.stalled = std::chrono::seconds(1);
  record.evidence.after.stalled = std::chrono::milliseconds(3500);
  const Verdict verdict = analyze(record);
  EXPECT_EQ(verdict.status, Status::throttled);
  EXPECT_TRUE(has(reason_of(verdict), "rose by 17"));
  EXPECT_TRUE(has(reason_of(verdict), "8388608 bytes"));
  EXPECT_TRUE(has(reason_of(verdict), "2.5 s"));
}

TEST(AnalyzeCommand, says_who_ended_it) {
  RunRecord record = finished(0);
  record.plan.timeout = std::chrono::seconds(2);
  record.evidence.deadline_passed = true;
  EXPECT_EQ(analyze(record).status, Status::deadline);
  EXPECT_TRUE(has(reason_of(analyze(record)), "deadline of 2s"));
  record.evidence.interrupted_by = SIGTERM;
  EXPECT_EQ(analyze(record).status, Status::interrupted);
  EXPECT_TRUE(has(reason_of(analyze(record)), "SIGTERM"));
}

TEST(AnalyzeCommand, adds_the_kills_to_a_deadline_and_an_interrupt) {
  RunRecord record = killed_inside();
  record.evidence.victims.resize(2, record.evidence.victims.front());
  record.evidence.after.oom_kills = 3;
  record.evidence.deadline_passed = true;
  constexpr char kills[] =
      "OOM kills inside: 3, malloc_demo (pid 4243), malloc_demo (pid 4243), at "
      "the limit of that cgroup, 104960000 bytes.";
  EXPECT_TRUE(has(reason_of(analyze(record)), kills));
  record.evidence.interrupted_by = SIGTERM;
  EXPECT_TRUE(has(reason_of(analyze(record)), kills));
}

}  // namespace
}  // namespace lab
