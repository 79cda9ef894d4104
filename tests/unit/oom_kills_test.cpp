// SPDX-License-Identifier: MIT
// Which process was OOM-killed, according to each single source.
#include "lab/verdict/oom_kills.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "lab/verdict/analyze.h"
#include "tests/support/error_text.h"
#include "tests/support/reason.h"
#include "tests/support/sample_record.h"

namespace lab {
namespace {

using test_support::reason_of;

using test_support::add_other;
using test_support::forget_count;
using test_support::forget_log;
using test_support::sample_pid;

RunRecord killed() {
  return test_support::as_command(test_support::killed_on_v2(), {"make"});
}

/// Another process was inside, and the log cannot be read.
RunRecord killed_with_another_inside() {
  RunRecord record = killed();
  forget_log(record);
  add_other(record);
  return record;
}

Member& other(RunRecord& record) {
  return record.evidence.ledger.processes.back();
}

void expect_proof(const RunRecord& record, Proof proof) {
  EXPECT_EQ(oom_kill_of_main(record), proof);
}

TEST(OomKills, LeaveAProcessUndeterminedNextToOneWithAnUnknownEnd) {
  expect_proof(killed_with_another_inside(), Proof::undetermined);
  RunRecord record = killed_with_another_inside();
  other(record).signal = SIGKILL;
  expect_proof(record, Proof::undetermined);
}

TEST(OomKills, AreProvenNextToAnInnocentProcess) {
  RunRecord record = killed_with_another_inside();
  other(record).exit_code = 0;
  expect_proof(record, Proof::proven);
  record = killed_with_another_inside();
  other(record).signal = SIGTERM;
  expect_proof(record, Proof::proven);
  record = killed_with_another_inside();
  other(record).outlived_kills = 1;
  expect_proof(record, Proof::proven);
  record = killed_with_another_inside();
  other(record).kills_at_end = 0;
  expect_proof(record, Proof::proven);
}

TEST(OomKills, AreProvenWhenOthersCannotAccountForAllKills) {
  RunRecord record = killed_with_another_inside();
  record.evidence.after.oom_kills = 2;
  expect_proof(record, Proof::proven);
  add_other(record);
  expect_proof(record, Proof::undetermined);
  // Some that no reading showed.
  record.evidence.after.oom_kills = 5;
  expect_proof(record, Proof::undetermined);
}

/// Its SIGKILL may have come from another limit.
TEST(OomKills, ProveNothingNextToOneThatLeft) {
  RunRecord record = killed_with_another_inside();
  record.evidence.after.oom_kills = 2;
  expect_proof(record, Proof::proven);
  other(record).left_for = "/elsewhere";
  expect_proof(record, Proof::undetermined);
  other(record).exit_code = 0;
  record.evidence.after.oom_kills = 1;
  expect_proof(record, Proof::proven);
}

TEST(OomKills, ProveNothingWhereOthersMayNotHaveBeenSeen) {
  RunRecord record = killed();
  forget_log(record);
  expect_proof(record, Proof::proven);
  record.evidence.ledger.may_have_missed_children = true;
  expect_proof(record, Proof::undetermined);
  record.evidence.ledger.may_have_missed_children = false;
  record.evidence.ledger.incomplete = true;
  expect_proof(record, Proof::undetermined);
}

TEST(OomKills, AreRuledOutForAProcessThatSurvivedThem) {
  RunRecord record = killed_with_another_inside();
  main_member(record)->outlived_kills = 1;
  expect_proof(record, Proof::ruled_out);
  EXPECT_EQ(analyze(record).status, Status::oom_killed_inside);
  record.evidence.after.oom_kills = 2;
  expect_proof(record, Proof::undetermined);
}

TEST(OomKills, AreRuledOutForAProcessThatEndedBeforeThem) {
  RunRecord record = killed_with_another_inside();
  main_process(record).oom_kills_at_end = 0;
  expect_proof(record, Proof::ruled_out);
  // On v1 another cgroup may have counted.
  record.evidence.ledger.main_inside = false;
  expect_proof(record, Proof::undetermined);
}

TEST(OomKills, OfAWholeGroupHitEachProcessInside) {
  RunRecord record = killed_with_another_inside();
  record.evidence.ledger.may_have_missed_children = true;
  record.evidence.after.oom_kills = 3;
  main_process(record).oom_kills_at_end = 3;
  record.evidence.after.events->oom_group_kill = 1;
  record.evidence.ledger.main_group_kills = 1;
  expect_proof(record, Proof::proven);
  main_member(record)->oom_protected = true;
  expect_proof(record, Proof::undetermined);
  main_member(record)->oom_protected = false;
  // The group was killed after it had ended.
  record.evidence.ledger.main_group_kills = 0;
  expect_proof(record, Proof::undetermined);
}

TEST(OomKills, AreThoseOfTheLogsVictims) {
  RunRecord record = killed();
  add_other(record);
  expect_proof(record, Proof::proven);
  record.evidence.victims.front().pid = other(record).pid;
  record.evidence.victims.front().name = other(record).name;
  expect_proof(record, Proof::ruled_out);
  // Named, though other records were lost.
  record.evidence.kernel_log_complete = false;
  expect_proof(record, Proof::ruled_out);
  // The other kill was its own.
  record.evidence.after.oom_kills = 2;
  expect_proof(record, Proof::proven);
  record.evidence.ledger.may_have_missed_children = true;
  expect_proof(record, Proof::undetermined);
}

/// Both are killed, and one of them is logged, unless exec has separated them.
TEST(OomKills, AreUnclearWhereTheVictimSharedTheMemory) {
  RunRecord record = killed();
  add_other(record);
  record.evidence.victims.front().pid = other(record).pid;
  record.evidence.victims.front().name = other(record).name;
  expect_proof(record, Proof::ruled_out);
  other(record).shares_memory = true;
  expect_proof(record, Proof::undetermined);
  EXPECT_TRUE(has(reason_of(analyze(record)), "have shared its memory"));
  // It lived on after the kill.
  main_member(record)->outlived_kills = 1;
  expect_proof(record, Proof::ruled_out);
}

TEST(OomKills, AreUnclearWhereAVictimOfTheSameNameMayHaveHadTheMemory) {
  RunRecord record = killed();
  add_other(record).name = "malloc_demo";
  record.evidence.victims.front().pid = other(record).pid;
  expect_proof(record, Proof::undetermined);
  other(record).shares_memory = false;
  expect_proof(record, Proof::ruled_out);
}

/// The log has the id of the thread whose memory it was.
TEST(OomKills, OfAThreadAreThoseOfItsProcess) {
  RunRecord record = killed();
  record.evidence.unplaced_victims.swap(record.evidence.victims);
  record.evidence.unplaced_victims.front().pid = sample_pid + 9;
  record.evidence.unplaced_victims.front().constraint = std::nullopt;
  record.evidence.unplaced_victims.front().name = "worker";
  expect_proof(record, Proof::ruled_out);
  main_member(record)->threads = {sample_pid, sample_pid + 9};
  expect_proof(record, Proof::proven);
  main_member(record)->threads = {sample_pid, sample_pid + 8};
  expect_proof(record, Proof::proven);  // a single process, from the counter
  add_other(record);
  expect_proof(record, Proof::undetermined);
}

TEST(OomKills, AreDistinguishedByNameWherePidsAreOfAnotherNamespace) {
  RunRecord record = killed_with_another_inside();
  record.environment.initial_pid_namespace = false;
  record.evidence.kernel_log_complete = true;
  record.evidence.victims = killed().evidence.victims;
  record.evidence.victims.front().pid = 31337;
  expect_proof(record, Proof::undetermined);
  record.evidence.victims.front().name = "sleep";
  expect_proof(record, Proof::ruled_out);
}

/// A kill whose cgroup was not logged may be this run's.
TEST(OomKills, CountKillsOfUnknownCgroupsForACompleteLog) {
  RunRecord record = killed_with_another_inside();
  record.evidence.kernel_log_complete = true;
  expect_proof(record, Proof::undetermined);
  Victim unplaced;
  unplaced.pid = sample_pid + 7;
  record.evidence.unplaced_victims = {unplaced};
  expect_proof(record, Proof::ruled_out);
}

/// A later process with the same pid.
TEST(OomKills, OfALaterProcessWithThePidAreOfAnother) {
  RunRecord record = killed_with_another_inside();
  record.evidence.kernel_log_complete = true;
  record.evidence.victims = killed().evidence.victims;
  expect_proof(record, Proof::proven);
  record.evidence.later_victims = {sample_pid};
  expect_proof(record, Proof::ruled_out);
}

TEST(OomKills, AreUnknownOnV1InACgroupThatIsGone) {
  RunRecord record =
      test_support::as_command(test_support::killed_on_v1(), {"make"});
  main_process(record).signal = std::nullopt;
  main_process(record).exit_code = 0;
  forget_count(record);
  forget_log(record);
  EXPECT_EQ(analyze(record).oom_kill, OomKill::none);
  record.evidence.ledger.incomplete = true;
  const Verdict verdict = analyze(record);
  EXPECT_EQ(verdict.status, Status::finished);
  EXPECT_EQ(verdict.oom_kill, std::nullopt);
  EXPECT_TRUE(has(reason_of(verdict), "on v1 the counter is lost"));
  EXPECT_TRUE(has(reason_of(verdict), "sudo sysctl kernel.dmesg_restrict=0"));
  record.evidence.ledger.most_kills = 1;
  EXPECT_EQ(analyze(record).oom_kill, OomKill::inside);
}

TEST(OomKills, InsideHaveTheLimitOfADescendantOnV2) {
  RunRecord record = killed();
  main_process(record).signal = std::nullopt;
  main_process(record).exit_code = 0;
  forget_log(record);
  record.evidence.after.local_events->oom = 0;
  record.evidence.after.events->oom = 2;
  Verdict verdict = analyze(record);
  EXPECT_EQ(verdict.limit_owner, LimitOwner::descendant);
  EXPECT_EQ(verdict.limit_owner_path, std::nullopt);
  EXPECT_TRUE(
      has(reason_of(verdict), "at the limit of one of its descendants"));
  record.evidence.descendants = {{"/x", Limit::of(Bytes{8 * mebi}), 2},
                                 {"/x/y", Limit::max(), 0}};
  verdict = analyze(record);
  EXPECT_EQ(verdict.limit_owner_path, "/x");
  EXPECT_TRUE(has(reason_of(verdict), "of its descendant /x, 8388608 bytes"));
}

/// Each at its own limit.
TEST(OomKills, AreListedWithTheirLimits) {
  RunRecord record = killed();
  main_process(record).signal = std::nullopt;
  main_process(record).exit_code = 0;
  Victim& first = record.evidence.victims.front();
  first.pid = sample_pid + 1;
  Victim second = first;
  second.pid = sample_pid + 2;
  second.name = "cc1plus";
  second.oom_memcg = *first.oom_memcg + "/x";
  second.task_memcg = second.oom_memcg;
  second.limit = Bytes{8 * mebi};
  record.evidence.victims.push_back(second);
  record.evidence.after.oom_kills = 2;
  const Verdict verdict = analyze(record);
  EXPECT_EQ(verdict.limit_owner, LimitOwner::unknown);
  EXPECT_TRUE(has(reason_of(verdict), "killed 2 processes in the command's"));
  EXPECT_TRUE(has(reason_of(verdict),
                  "malloc_demo (pid 4243) at the limit of that cgroup"));
  EXPECT_TRUE(has(reason_of(verdict),
                  "cc1plus (pid 4244) at the limit of its descendant"));
  record.evidence.victims.resize(12, second);
  EXPECT_TRUE(has(reason_of(analyze(record)), "cc1plus (pid 4244)"));
}

}  // namespace
}  // namespace lab
