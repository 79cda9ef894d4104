// SPDX-License-Identifier: MIT
#include "lab/verdict/judge.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>

#include "lab/verdict/analyze.h"
#include "lab/verdict/as_expected.h"
#include "tests/support/error_text.h"
#include "tests/support/reason.h"

namespace lab {
namespace {

using test_support::reason_of;

constexpr Bytes limit{16 * mebi};

RunRecord nothing_seen() {
  RunRecord record;
  record.plan.limit = Limit::of(limit);
  return record;
}

/// Readings of a cgroup in which a process was, or was not, killed.
RunRecord seen(std::uint64_t kills) {
  RunRecord record = nothing_seen();
  record.readings = {{"before", 0, "limited", {{"oom_kill", 0}}},
                     {"after", 1, "limited", {{"oom_kill", kills}}}};
  return record;
}

std::vector<Claim> claims() {
  return {decided_by_cause({{"it is killed", "它被杀死"},
                            {"limited", "oom_kill"},
                            Relation::rises}),
          {{"it is known", "已知"},
           {"limited", "oom_kill"},
           Relation::at_most,
           std::uint64_t{9}}};
}

RunRecord concluded(RunRecord record, bool control) {
  record.plan.control = control;
  record.verdict.claims = judge(claims(), record);
  record.verdict = analyze(record);
  return record;
}

TEST(Judge, ComparesWithTheBeginning) {
  const RunRecord run = concluded(seen(1), false);
  EXPECT_EQ(run.verdict.status, Status::as_predicted);
  ASSERT_EQ(run.verdict.claims.size(), 2u);
  EXPECT_EQ(say(Language::en, run.verdict.claims[0].seen), "0 -> 1");
  EXPECT_TRUE(run.verdict.claims[0].decided_by_cause);
  EXPECT_FALSE(run.verdict.claims[1].decided_by_cause);
}

/// 4/5 of 1964 are 1571.2.
TEST(Judge, RoundsAPartOfAReadingOnce) {
  RunRecord record = nothing_seen();
  record.readings = {{"early", 0, "limited", {{"predicted_ms", 1964}}},
                     {"after", 1, "limited", {{"ended_ms", 1571}}}};
  const std::vector<ClaimRecord> judged =
      judge({{{"it ended late", "它结束得晚"},
              {"limited", "ended_ms"},
              Relation::at_least,
              Quantity{"limited", "predicted_ms", "early"},
              Part{4, 5}}},
            record);
  ASSERT_EQ(judged.size(), 1u);
  EXPECT_EQ(judged.front().held, true);
  EXPECT_TRUE(has(say(Language::en, judged.front().expected), "1571"));
}

TEST(Judge, SaysWhichClaimFailed) {
  const RunRecord run = concluded(seen(0), false);
  EXPECT_EQ(run.verdict.status, Status::not_as_predicted);
  EXPECT_TRUE(reason_of(run.verdict).starts_with("Claim failed: it is killed"));
}

TEST(Judge, AcceptsAControlRunWhoseDecidedClaimsFail) {
  const RunRecord run = concluded(seen(0), true);
  EXPECT_EQ(run.verdict.status, Status::not_as_predicted);
  EXPECT_TRUE(is_as_expected(run));
  EXPECT_TRUE(reason_of(run.verdict)
                  .starts_with("Without the cause the effect is gone; this "
                               "claim fails: it is killed"));
}

TEST(Judge, ReportsAControlRunWithTheSameOutcome) {
  const RunRecord run = concluded(seen(1), true);
  EXPECT_EQ(run.verdict.status, Status::as_predicted);
  EXPECT_FALSE(is_as_expected(run));
  EXPECT_TRUE(reason_of(run.verdict)
                  .starts_with("Control run failed: this claim should "
                               "not hold without the cause, but does: "));
}

TEST(Judge, DoesNotCountUnknownValuesAsTheOtherOutcome) {
  const RunRecord control = concluded(nothing_seen(), true);
  ASSERT_EQ(control.verdict.claims.size(), 2u);
  EXPECT_EQ(control.verdict.claims[0].held, std::nullopt);
  EXPECT_TRUE(reason_of(control.verdict)
                  .starts_with("Control run failed: it is unknown whether this "
                               "claim holds without the "
                               "cause: "));
  EXPECT_EQ(concluded(nothing_seen(), false).verdict.claims.at(0).held, false);
}

/// Two processes, of which `killed` ended by a signal, and `kills` OOM kills.
RunRecord with_processes(int killed, std::uint64_t kills) {
  RunRecord record = seen(1);
  record.evidence.before.oom_kills = 0;
  record.evidence.after.oom_kills = kills;
  record.processes.resize(2);
  record.processes[0].name = "hog";
  record.processes[1].name = "small";
  for (int i = 0; i < killed; ++i) {
    record.processes[i].pid = 70 + i;
    record.processes[i].signal = SIGKILL;
  }
  return record;
}

TEST(Judge, JudgesNoClaimsWhereSomethingElseHasKilled) {
  for (const bool control : {false, true}) {
    const RunRecord run = concluded(with_processes(1, 0), control);
    EXPECT_EQ(run.verdict.status, Status::killed);
    EXPECT_TRUE(
        reason_of(run.verdict)
            .starts_with("hog (pid 70) ended by SIGKILL, which neither"));
  }
  const Verdict one_of_two = concluded(with_processes(2, 1), false).verdict;
  EXPECT_EQ(one_of_two.status, Status::killed);
  EXPECT_TRUE(
      has(reason_of(one_of_two), "2 processes ended by SIGKILL, but only 1"));
  RunRecord named = with_processes(2, 1);
  named.environment.initial_pid_namespace = true;
  named.evidence.kernel_log_complete = true;
  named.evidence.victims.emplace_back().pid = 70;
  EXPECT_TRUE(
      has(reason_of(concluded(named, false).verdict), "small (pid 71)"));
  // Reaped when no kill had been counted.
  RunRecord early = with_processes(2, 2);
  early.processes[1].oom_kills_at_end = 0;
  EXPECT_TRUE(
      has(reason_of(concluded(early, false).verdict), "small (pid 71)"));
  RunRecord other = with_processes(1, 1);
  other.processes[0].signal = SIGTERM;
  EXPECT_EQ(concluded(other, false).verdict.status, Status::crashed);
}

TEST(Judge, DoesNotCountKillsByTheRunItself) {
  EXPECT_EQ(concluded(with_processes(1, 1), false).verdict.status,
            Status::as_predicted);
  RunRecord ended = with_processes(1, 0);
  ended.processes[0].ended_by_cglab = true;
  EXPECT_EQ(concluded(ended, false).verdict.status, Status::as_predicted);
  RunRecord by_step = with_processes(1, 0);
  by_step.processes[0].cgroup = "limited";
  by_step.events.push_back({5, EventKind::step, "limited", "cgroup.kill"});
  EXPECT_EQ(concluded(by_step, false).verdict.status, Status::as_predicted);
  RunRecord uncounted = with_processes(2, 1);
  uncounted.evidence.after.oom_kills = std::nullopt;
  EXPECT_EQ(concluded(uncounted, false).verdict.status, Status::as_predicted);
}

TEST(Judge, LeavesTheClaimsOfAnEarlyEnd) {
  RunRecord record = seen(1);
  record.evidence.deadline_passed = true;
  const auto left = judge(claims(), record);
  ASSERT_EQ(left.size(), 2U);
  EXPECT_EQ(left[0].held, std::nullopt);
  EXPECT_EQ(say(Language::en, left[0].seen), "not reached");
  EXPECT_EQ(say(Language::en, left[0].expected), "a rise");
}

TEST(Judge, NamesTheErrorOfARefusal) {
  RunRecord record = nothing_seen();
  record.readings = {{"after", 1, "limited", {{"refused", EBUSY}}}};
  const auto judged = judge({{{"it was refused", "写入被拒绝"},
                              {"limited", "refused"},
                              Relation::equals,
                              std::uint64_t{EBUSY}}},
                            record);
  EXPECT_EQ(judged[0].held, true);
  EXPECT_EQ(say(Language::en, judged[0].seen),
            "Device or resource busy (errno 16)");
}

/// A reading, and the file that it comes from on each version.
struct Source {
  const char* reading;
  const char* v1;
  const char* v2;
};

TEST(FileOf, NamesTheFileAndAKeyWithADifferentName) {
  const Source sources[] = {
      {"usage", "memory.usage_in_bytes", "memory.current"},
      {"peak", "memory.max_usage_in_bytes", "memory.peak"},
      {"limit", "memory.limit_in_bytes", "memory.max"},
      {"swap", "memory.stat total_swap", "memory.swap.current"},
      {"oom_kill", "memory.oom_control", "memory.events.local"},
      {"oom_kills", "memory.oom_control", "memory.events"},
      {"under_oom", "memory.oom_control", ""},
      {"oom", "", "memory.events.local"},
      {"high", "", "memory.events.local"},
      {"low", "", "memory.events.local"},
      {"max", "", "memory.events.local"},
      {"oom_group_kill", "", "memory.events.local"},
      {"failcnt", "memory.failcnt", ""},
      {"anon", "memory.stat total_rss", "memory.stat"},
      {"file", "memory.stat total_cache", "memory.stat"},
      {"shmem", "memory.stat total_shmem", "memory.stat"},
      {"huge", "memory.stat total_rss_huge", "memory.stat anon_thp"},
      {"huge_pages", "AnonHugePages in /proc/PID/smaps",
       "AnonHugePages in /proc/PID/smaps"},
      {"processes", "cgroup.procs", "cgroup.procs"},
      {"forks_refused", "pids.events", "pids.events"},
      {"stalled_us", "", "memory.pressure"},
      {"signal", "", ""},
  };
  for (const Source& source : sources) {
    EXPECT_EQ(file_of(source.reading, cgroupfs::Version::v1), source.v1);
    EXPECT_EQ(file_of(source.reading, cgroupfs::Version::v2), source.v2);
  }
}

}  // namespace
}  // namespace lab
