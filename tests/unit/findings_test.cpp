// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <signal.h>

#include "lab/place/held.h"
#include "lab/verdict/analyze.h"
#include "tests/support/error_text.h"
#include "tests/support/reason.h"
#include "tests/support/sample_record.h"

namespace lab {
namespace {

using test_support::reason_of;

using test_support::killed_on_v1;
using test_support::killed_on_v2;
using test_support::survived_on_v2;

RunRecord finished() {
  return test_support::as_command(survived_on_v2(), {"true"});
}

/// The texts of one kind.
std::vector<std::string> texts(const RunRecord& record, FindingKind kind) {
  std::vector<std::string> found;
  for (const Finding& finding : analyze(record).findings) {
    if (finding.kind == kind) found.push_back(test_support::text_of(finding));
  }
  return found;
}

void expect_one(const RunRecord& record, FindingKind kind,
                const std::string& part) {
  const auto found = texts(record, kind);
  ASSERT_EQ(found.size(), 1u) << part;
  EXPECT_TRUE(has(found.front(), part));
  EXPECT_TRUE(found.front().ends_with('.'));
}

TEST(Findings, are_none_where_nothing_else_happened) {
  EXPECT_TRUE(analyze(finished()).findings.empty());
  EXPECT_TRUE(analyze(killed_on_v1()).findings.empty());
  EXPECT_TRUE(analyze(killed_on_v2()).findings.empty());
}

TEST(Findings, say_how_often_the_limit_was_hit_without_a_kill) {
  RunRecord record = finished();
  record.evidence.after.local_events->max = 193;
  expect_one(record, FindingKind::limit_hit, "was hit 193 times (max, ");
  record.evidence.after.local_events->max = 1;
  expect_one(record, FindingKind::limit_hit, "was hit once (max, ");
  record.evidence.after.local_events->max = std::nullopt;
  EXPECT_TRUE(texts(record, FindingKind::limit_hit).empty());
  record.evidence.before.failcnt = 2;
  record.evidence.after.failcnt = 7;
  expect_one(record, FindingKind::limit_hit, "5 times (memory.failcnt)");
}

TEST(Findings, keep_throttling_whatever_the_end) {
  RunRecord record = finished();
  record.evidence.after.events->high = 17;
  record.evidence.before.stalled = std::chrono::seconds(1);
  record.evidence.after.stalled = std::chrono::milliseconds(3500);
  const std::string part =
      "throttled 17 times (high of memory.events); "
      "tasks waited 2.5 s";
  expect_one(record, FindingKind::throttled, part);
  record.evidence.deadline_passed = true;
  record.plan.timeout = std::chrono::seconds(2);
  expect_one(record, FindingKind::throttled, part);
  record.evidence.interrupted_by = SIGTERM;
  expect_one(record, FindingKind::throttled, part);
}

TEST(Findings, report_a_limit_at_which_nothing_may_be_killed) {
  RunRecord record = finished();
  record.evidence.after.local_events->oom = 4;
  record.evidence.after.local_events->max = 100;
  EXPECT_TRUE(texts(record, FindingKind::no_victim).empty());
  main_member(record)->oom_protected = true;
  expect_one(record, FindingKind::no_victim, "oom_score_adj -1000");
  EXPECT_TRUE(texts(record, FindingKind::limit_hit).empty());
  // A process that no reading showed could have been killed.
  record.evidence.ledger.may_have_missed_children = true;
  EXPECT_TRUE(texts(record, FindingKind::no_victim).empty());
  record.evidence.ledger.may_have_missed_children = false;
  // Another could have been killed.
  test_support::add_other(record);
  EXPECT_TRUE(texts(record, FindingKind::no_victim).empty());
}

/// On v1 an OOM at an ancestor's limit notifies its descendants.
TEST(Findings, report_only_the_own_limit) {
  RunRecord record = finished();
  record.evidence.before.local_events.reset();
  record.evidence.after.local_events.reset();
  record.evidence.notifications = 3;
  record.evidence.ancestors.front().notifications = 3;
  main_member(record)->oom_protected = true;
  EXPECT_TRUE(texts(record, FindingKind::no_victim).empty());
  record.evidence.ancestors.front().notifications = 2;
  expect_one(record, FindingKind::no_victim, "oom_score_adj -1000");
}

TEST(Findings, report_a_disabled_oom_killer) {
  RunRecord record = finished();
  record.evidence.after.local_events->max = 100;
  record.evidence.disabled_oom_killers = {"/sys/fs/cgroup/memory/a"};
  expect_one(record, FindingKind::oom_killer_disabled,
             "/sys/fs/cgroup/memory/a was disabled");
  EXPECT_TRUE(texts(record, FindingKind::limit_hit).empty());
}

TEST(Findings, report_refused_forks) {
  RunRecord record = finished();
  record.readings.push_back(
      {"after", 0, record.cgroups.front().name, {{"forks_refused", 3}}});
  expect_one(record, FindingKind::forks_refused,
             "A fork was refused 3 times at a pids limit");
}

TEST(Findings, report_each_limit_that_was_rewritten) {
  RunRecord record = finished();
  record.limits.front().at_end = Limit::max();
  expect_one(record, FindingKind::limit_rewritten,
             "memory.max was rewritten: 104960000 at first, max at the end");
  record.limits.front().at_end = record.limits.front().actual;
  EXPECT_TRUE(texts(record, FindingKind::limit_rewritten).empty());
}

TEST(Findings, name_processes_that_left_or_were_moved_in) {
  RunRecord record = finished();
  Member& other = test_support::add_other(record);
  other.left_for = "/user.slice";
  expect_one(record, FindingKind::process_left, "(pid 4244) left for /user");
  other.left_for.reset();
  other.moved_in = true;
  expect_one(record, FindingKind::process_moved_in,
             "(pid 4244) was moved into the cgroup");
  // The reason covers the command.
  main_member(record)->left_for = "/user.slice";
  EXPECT_TRUE(texts(record, FindingKind::process_left).empty());
  EXPECT_TRUE(has(reason_of(analyze(record)), "/user.slice"));
}

TEST(Findings, report_a_removal_and_cglab_inside) {
  RunRecord record = finished();
  record.evidence.cgroup_removed = true;
  record.evidence.ledger.cglab_inside = true;
  expect_one(record, FindingKind::cgroup_removed, "was removed during the run");
  record.evidence.controller_removed = true;
  expect_one(record, FindingKind::controller_removed, "no longer in force");
  expect_one(record, FindingKind::cglab_moved_in,
             "cglab itself was moved into the cgroup");
}

TEST(Findings, say_why_a_process_has_not_ended_and_what_to_do) {
  const std::pair<HeldProcess, const char*> samples[] = {
      {{7, "sleep", "D", HoldReason::frozen, "/f/a b"},
       "sleep (pid 7) is frozen by /f/a b and ends when it is thawed: echo "
       "THAWED > '/f/a b/freezer.state'"},
      {{7, "su", "S", HoldReason::not_permitted, std::nullopt},
       "su (pid 7) cannot be signalled (EPERM)"},
      {{7, "sh", "Z", HoldReason::traced, "gdb (pid 8)"},
       "sh (pid 7) is traced by gdb (pid 8)"},
      {{7, "cp", "D", HoldReason::uninterruptible, "nfs_wait"},
       "state D) in nfs_wait"},
      {{7, "", "", HoldReason::unknown, std::nullopt}, "a process (pid 7)"},
      {{0, "", "", HoldReason::unknown, std::nullopt}, "another PID namespace"},
  };
  for (const auto& [held, part] : samples) {
    RunRecord record = finished();
    record.evidence.held = {held};
    expect_one(record, FindingKind::held, part);
  }
}

TEST(Findings, do_not_say_that_everything_was_killed) {
  RunRecord record = finished();
  record.evidence.deadline_passed = true;
  record.plan.timeout = std::chrono::seconds(2);
  EXPECT_TRUE(has(reason_of(analyze(record)), "everything inside was killed"));
  // What is traced is dead, and not reaped.
  record.evidence.held = {{7, "sleep", "Z", HoldReason::traced, "gdb (pid 8)"}};
  EXPECT_TRUE(has(reason_of(analyze(record)), "everything inside was killed"));
  record.evidence.held = {{7, "sleep", "D", HoldReason::frozen, "/f"}};
  EXPECT_TRUE(
      has(reason_of(analyze(record)), "not everything inside could be killed"));
}

TEST(Findings, name_processes_that_were_not_waited_for) {
  RunRecord record = finished();
  record.plan.no_wait = true;
  Member& other = test_support::add_other(record);
  other.last_seen_ns = 30;
  record.events.push_back({20, EventKind::reaped, "run", "exit status 0"});
  EXPECT_TRUE(texts(record, FindingKind::rest_killed).empty());
  record.events.push_back({25, EventKind::all_killed, "", "--no-wait"});
  expect_one(record, FindingKind::rest_killed, "(--no-wait): ");
  // A process of others was not left by the command.
  other.moved_in = true;
  EXPECT_TRUE(texts(record, FindingKind::rest_killed).empty());
  other.moved_in = false;
  // It had ended before.
  other.last_seen_ns = 10;
  EXPECT_TRUE(texts(record, FindingKind::rest_killed).empty());
}

TEST(Findings, name_the_file_that_holds_shared_memory) {
  RunRecord record = finished();
  const Bytes size{6 * mebi};
  record.evidence.shared_memory_left = SharedMemoryLeft{size, {}, true};
  expect_one(record, FindingKind::shared_memory_left,
             "no file visible to cglab");
  record.evidence.shared_memory_left->all_searched = false;
  expect_one(record, FindingKind::shared_memory_left,
             "the search was cut short");
  record.evidence.shared_memory_left->files = {{"/dev/shm/a", size, true}};
  expect_one(record, FindingKind::shared_memory_left, ": /dev/shm/a (6 MiB");
  record.evidence.shared_memory_left->files = {
      {"/dev/shm/a\x1b[31m", size, false}};
  EXPECT_TRUE(has(texts(record, FindingKind::shared_memory_left).front(),
                  "/a\\x1b[31m (6 MiB"));
  expect_one(record, FindingKind::shared_memory_left, "perhaps /dev/shm/a");
}

/// Claims are about the effects of the experiment itself.
TEST(Findings, of_an_experiment_concern_other_programs) {
  RunRecord record = survived_on_v2();
  record.verdict.claims = {test_support::claim_of("c", "w", "s", "e", true)};
  record.evidence.after.local_events->max = 100;
  record.evidence.after.events->high = 100;
  EXPECT_TRUE(analyze(record).findings.empty());
  record.evidence.cgroup_removed = true;
  EXPECT_EQ(analyze(record).findings.size(), 1u);
}

TEST(Findings, are_translated) {
  RunRecord record = finished();
  record.evidence.after.local_events->max = 193;
  const Verdict verdict = analyze(record);
  ASSERT_EQ(verdict.findings.size(), 1u);
  EXPECT_TRUE(has(say(Language::zh, verdict.findings.front().fact), "193 次"));
}

/// Not held: this process, and one that does not exist.
TEST(Held, is_unknown_where_nothing_holds_a_process) {
  EXPECT_EQ(why_held(::getpid()).reason, HoldReason::unknown);
  EXPECT_EQ(why_held(::getpid()).name, "unit_test");
  EXPECT_EQ(why_held(0).reason, HoldReason::unknown);
  EXPECT_EQ(why_held(0x7ffffff0).name, "");
}

}  // namespace
}  // namespace lab
