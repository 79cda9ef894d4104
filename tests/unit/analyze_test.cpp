// SPDX-License-Identifier: MIT
#include "lab/verdict/analyze.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <optional>

#include "tests/support/error_text.h"
#include "tests/support/reason.h"
#include "tests/support/sample_record.h"

namespace lab {
namespace {

using test_support::reason_of;

using test_support::forget_count;
using test_support::forget_log;
using test_support::killed_in_course;
using test_support::killed_on_v1;
using test_support::killed_on_v2;
using test_support::survived_on_v2;

void expect_verdict(const RunRecord& record, Status status,
                    std::string_view part) {
  const Verdict verdict = analyze(record);
  EXPECT_EQ(to_string(verdict.status), to_string(status));
  EXPECT_TRUE(has(reason_of(verdict), part));
  EXPECT_TRUE(reason_of(verdict).ends_with('.'));
  const bool any_kill = verdict.oom_kill && verdict.oom_kill != OomKill::none;
  EXPECT_EQ(verdict.limit_owner.has_value(), any_kill);
}

/// A child that was killed by SIGKILL while no OOM kill was counted.
RunRecord killed_by_hand() {
  RunRecord record = survived_on_v2();
  main_process(record).exit_code = std::nullopt;
  main_process(record).signal = SIGKILL;
  return record;
}

TEST(Analyze, rules_the_oom_killer_out_by_a_counter_that_did_not_rise) {
  RunRecord record = killed_by_hand();
  forget_log(record);
  expect_verdict(record, Status::killed,
                 "by SIGKILL, but not by the OOM killer: oom_kill stayed at 0");
  record.evidence.before.oom_kills = 4;
  record.evidence.after.oom_kills = 4;
  expect_verdict(record, Status::killed, "oom_kill stayed at 4");
}

TEST(Analyze, rules_the_oom_killer_out_only_for_a_child_that_was_inside) {
  RunRecord record = killed_by_hand();
  forget_log(record);
  for (const bool incomplete : {false, true}) {
    record.evidence.ledger.main_inside = false;
    record.evidence.ledger.incomplete = incomplete;
    expect_verdict(record, Status::killed_undetermined,
                   "whether by the OOM killer is undetermined");
    expect_verdict(record, Status::killed_undetermined,
                   "/dev/kmsg: Operation not permitted");
  }
}

TEST(Analyze, rules_the_oom_killer_out_by_a_log_that_lost_nothing) {
  RunRecord record = killed_by_hand();
  record.evidence.ledger = {};
  expect_verdict(record, Status::killed, "but not by the OOM killer");
  record.evidence.kernel_log_complete = false;
  expect_verdict(record, Status::killed_undetermined, "undetermined");
  record.evidence.kernel_log_complete = true;
  // In another PID namespace names decide, and that of the child is unknown.
  record.environment.initial_pid_namespace = false;
  expect_verdict(record, Status::killed, "but not by the OOM killer");
  record.evidence.unplaced_victims.resize(1);
  expect_verdict(record, Status::killed_undetermined,
                 "are those of the initial PID namespace");
}

TEST(Analyze, does_not_count_a_limit_hit_as_a_kill) {
  RunRecord record = killed_on_v1();
  forget_log(record);
  forget_count(record);
  ASSERT_GT(record.evidence.after.failcnt, record.evidence.before.failcnt);
  expect_verdict(record, Status::killed, "oom_kill stayed at 0");
}

/// The counter of a v1 cgroup is removed with its directory.
TEST(Analyze, believes_a_log_that_names_the_child_more_than_the_counter) {
  RunRecord record = killed_on_v1();
  forget_count(record);
  EXPECT_EQ(analyze(record).status, Status::oom_killed);
  EXPECT_TRUE(has(reason_of(analyze(record)), "kernel log names it"));
  main_process(record).signal = SIGTERM;
  expect_verdict(record, Status::crashed, "SIGTERM");
}

TEST(Analyze, proves_nothing_without_counter_and_log) {
  RunRecord record = killed_by_hand();
  record.evidence.before.oom_kills = std::nullopt;
  record.evidence.after.oom_kills = std::nullopt;
  forget_log(record);
  expect_verdict(record, Status::killed_undetermined,
                 "this kernel does not count OOM kills");
  expect_verdict(record, Status::killed_undetermined,
                 "/dev/kmsg: Operation not permitted");
  EXPECT_EQ(oom_kills_in(record), std::nullopt);
}

TEST(Analyze, needs_the_counter_before_and_after) {
  RunRecord record = killed_on_v1();
  forget_log(record);
  forget_count(record);
  record.evidence.before.oom_kills = std::nullopt;
  expect_verdict(record, Status::killed_undetermined,
                 "this kernel does not count OOM kills");
  EXPECT_EQ(oom_kills_in(record), std::nullopt);
}

/// The hog was not alone, as when a shell was moved in.
TEST(Analyze, leaves_the_victim_undetermined_among_several) {
  RunRecord record = killed_on_v2();
  test_support::add_other(record);
  EXPECT_EQ(analyze(record).status, Status::oom_killed);
  forget_log(record);
  expect_verdict(record, Status::oom_killed_undetermined,
                 "other processes were inside as well");
  record.evidence.ledger.processes.pop_back();
  EXPECT_EQ(analyze(record).status, Status::oom_killed);
  main_member(record)->left_for = "/elsewhere";
  expect_verdict(record, Status::oom_killed_undetermined,
                 "it had left the cgroup before");
  record.evidence.ledger = {};
  record.evidence.ledger.incomplete = true;
  expect_verdict(record, Status::oom_killed_undetermined,
                 "which processes were inside is not known");
}

TEST(Analyze, adds_the_kills_to_a_deadline_an_interrupt_and_a_signal) {
  const std::string_view kills =
      "OOM kills inside: 1, malloc_demo (pid 4243), at the limit of that "
      "cgroup, 104960000 bytes.";
  RunRecord record = killed_on_v2();
  record.evidence.victims.front().pid = test_support::sample_pid + 1;
  main_process(record).signal = SIGTERM;
  expect_verdict(record, Status::crashed, kills);
  record.evidence.deadline_passed = true;
  record.events.push_back({1, EventKind::deadline, "", "timerfd"});
  expect_verdict(record, Status::deadline, kills);
  record.evidence.interrupted_by = SIGINT;
  expect_verdict(record, Status::interrupted, kills);
  forget_log(record);
  expect_verdict(record, Status::interrupted,
                 "OOM kills inside: 1, victims unknown (/dev/kmsg: Operation "
                 "not permitted), at the limit of that cgroup");
  forget_count(record);
  EXPECT_FALSE(has(reason_of(analyze(record)), "OOM kills"));
}

/// As when a process was moved in and killed.
TEST(Analyze, distinguishes_a_sigkill_from_elsewhere_from_a_kill_inside) {
  RunRecord record = killed_on_v2();
  record.evidence.victims.front().pid = test_support::sample_pid + 1;
  expect_verdict(
      record, Status::oom_killed_inside,
      "killed a process in the child's cgroup: malloc_demo (pid "
      "4243), at the limit of that cgroup, 104960000 bytes; oom_kill "
      "rose from 0 to 1. The child itself ended by SIGKILL");
}

/// A victim may end before its record is in the log.
TEST(Analyze, does_not_accept_a_log_with_fewer_kills_than_counted_as_complete) {
  RunRecord record = killed_on_v2();
  record.evidence.victims.clear();
  EXPECT_EQ(analyze(record).status, Status::oom_killed);
  test_support::add_other(record);
  expect_verdict(record, Status::oom_killed_undetermined,
                 "it has fewer kills than were counted");
}

TEST(Analyze, assigns_two_kills_to_two_processes) {
  RunRecord record = killed_on_v2();
  forget_log(record);
  record.evidence.after.oom_kills = 2;
  expect_verdict(record, Status::oom_killed_undetermined,
                 "oom_kill rose from 0 to 2");
  // The first of a group is counted twice.
  record.evidence.after.events->oom_group_kill = 1;
  EXPECT_EQ(analyze(record).status, Status::oom_killed);
}

TEST(Analyze, does_not_assume_a_single_process_after_a_failed_reading) {
  RunRecord record = killed_on_v2();
  forget_log(record);
  record.evidence.ledger.incomplete = true;
  expect_verdict(record, Status::oom_killed_undetermined,
                 "which processes were inside is not known");
}

/// On v1 the counter of a cgroup is removed with it.
TEST(Analyze, remembers_a_rise_of_a_counter_that_is_gone) {
  RunRecord record = killed_on_v1();
  forget_log(record);
  record.evidence.after.oom_kills = record.evidence.before.oom_kills;
  ASSERT_TRUE(time_of(record, EventKind::kill_seen));
  EXPECT_EQ(analyze(record).status, Status::oom_killed);
  EXPECT_TRUE(
      has(reason_of(analyze(record)),
          "oom_kill rose during the run, in a cgroup that has been removed"));
  test_support::add_other(record);
  EXPECT_EQ(analyze(record).status, Status::oom_killed_undetermined);
}

TEST(Analyze, reports_that_the_child_left_however_it_ended) {
  RunRecord record = survived_on_v2();
  main_member(record)->left_for = "/elsewhere";
  record.evidence.ledger.main_inside = false;
  const std::string_view left =
      "/proc/4242/cgroup showed it in /elsewhere, outside of the run's cgroup";
  expect_verdict(record, Status::left, left);
  record.evidence.deadline_passed = true;
  expect_verdict(record, Status::deadline, left);
  record = killed_on_v2();
  main_member(record)->left_for = "/elsewhere";
  record.evidence.victims.front().task_memcg = "/elsewhere";
  record.evidence.victims.front().oom_memcg = "/elsewhere";
  expect_verdict(record, Status::left, left);
  expect_verdict(record, Status::left,
                 "The kernel log has the OOM kill of the child in /elsewhere.");
}

TEST(Analyze, names_other_signals) {
  struct {
    int number;
    std::string_view name;
  } cases[] = {{SIGSEGV, "SIGSEGV."},
               {SIGTERM, "SIGTERM."},
               {SIGBUS, "SIGBUS."},
               {40, "signal 40."}};
  for (const auto& c : cases) {
    RunRecord record = killed_by_hand();
    main_process(record).signal = c.number;
    expect_verdict(record, Status::crashed, c.name);
  }
}

TEST(Analyze,
     does_not_report_another_signal_as_an_oom_kill_even_if_one_was_counted) {
  RunRecord record = killed_on_v2();
  main_process(record).signal = SIGSEGV;
  expect_verdict(record, Status::crashed, "The child ended by SIGSEGV.");
}

TEST(Analyze, reports_what_a_survivor_allocated) {
  RunRecord record = survived_on_v2();
  expect_verdict(record, Status::survived,
                 "allocated all 52480000 bytes (below the limit) and survived: "
                 "no OOM kill; its peak was 52690944 bytes");
  record.plan.total = Bytes{2 * record.plan.size().count};
  expect_verdict(record, Status::survived, "bytes and survived:");
  record.peak = std::nullopt;
  expect_verdict(record, Status::survived, "its peak is unknown");
}

TEST(Analyze, does_not_attribute_the_kill_of_another_process_to_the_child) {
  RunRecord record = survived_on_v2();
  record.evidence.after.oom_kills = 1;
  expect_verdict(record, Status::survived,
                 "oom_kill rose from 0 to 1, but another process was killed");
}

TEST(Analyze, reports_the_exit_status_of_a_failed_child) {
  RunRecord record = survived_on_v2();
  main_process(record).exit_code = 1;
  expect_verdict(record, Status::child_failed, "exit status 1.");
  main_process(record).exit_code = 137;
  expect_verdict(record, Status::child_failed, "exit status 137.");
}

TEST(Analyze, invents_no_exit_status) {
  RunRecord record = survived_on_v2();
  main_process(record).exit_code = std::nullopt;
  expect_verdict(record, Status::child_failed,
                 "How the child ended is unknown.");
}

TEST(Analyze, reports_a_deadline_with_the_peak_so_far) {
  RunRecord record = killed_by_hand();
  record.evidence.deadline_passed = true;
  record.plan.timeout = std::chrono::milliseconds(1500);
  expect_verdict(record, Status::deadline,
                 "the deadline of 1500ms: its peak was 52690944 bytes");
}

TEST(Analyze, lets_a_kill_before_the_deadline_count) {
  RunRecord record = killed_on_v1();
  record.evidence.deadline_passed = true;
  const std::int64_t kill = *time_of(record, EventKind::kill_seen);
  record.events.push_back({kill + 1, EventKind::deadline, "", "timerfd"});
  EXPECT_EQ(analyze(record).status, Status::oom_killed);
  record.events.back().time_ns = kill - 1;
  expect_verdict(record, Status::deadline, "No outcome within the deadline");
}

TEST(Analyze, puts_an_interrupt_before_everything) {
  RunRecord record = killed_on_v1();
  record.evidence.deadline_passed = true;
  record.evidence.interrupted_by = SIGINT;
  expect_verdict(record, Status::interrupted, "Interrupted by SIGINT");
  record.evidence.interrupted_by = SIGHUP;
  expect_verdict(record, Status::interrupted, "Interrupted by SIGHUP");
}

/// In the course's order on v1 a limit below the usage is refused; then the
/// harness kills the child.
RunRecord refused() {
  RunRecord record = killed_by_hand();
  record.limits = {{"memorydemo",
                    "memory.limit_in_bytes",
                    "104960000",
                    Limit::max(),
                    {},
                    "Device or resource busy"}};
  record.events.push_back(
      {1, EventKind::limit_refused, "memorydemo", "limit file"});
  return record;
}

TEST(Analyze, says_why_the_kernel_refused_the_limit) {
  expect_verdict(refused(), Status::limit_refused,
                 "(104960000 to memory.limit_in_bytes: Device or resource "
                 "busy)");
}

TEST(Analyze, names_the_refused_swap_limit) {
  RunRecord record = refused();
  record.limits = {{"memorydemo",
                    "memory.limit_in_bytes",
                    "104960000",
                    Limit::of(Bytes{104960000}),
                    {},
                    {}},
                   {"memorydemo",
                    "memory.memsw.limit_in_bytes",
                    "104960000",
                    Limit::max(),
                    {},
                    "Device or resource busy"}};
  expect_verdict(record, Status::limit_refused,
                 "memory.memsw.limit_in_bytes: Device or resource busy");
}

TEST(Analyze, survives_a_refused_limit_that_is_not_recorded) {
  RunRecord record = refused();
  record.limits.clear();
  expect_verdict(record, Status::killed, "not by the OOM killer");
}

TEST(Analyze, gives_the_same_verdict_for_the_same_record) {
  for (const RunRecord& record :
       {killed_on_v1(), killed_on_v2(), killed_in_course(), survived_on_v2(),
        killed_by_hand(), refused()}) {
    const Verdict first = analyze(record);
    RunRecord judged = record;
    judged.verdict.status = Status::crashed;
    judged.verdict.reason = {fact(FactKind::no_oom_kill)};
    judged.verdict.oom_kill = OomKill::inside;
    judged.verdict.limit_owner = LimitOwner::host;
    judged.verdict.limit_owner_path = "/made/up";
    const Verdict second = analyze(judged);
    EXPECT_EQ(first.status, second.status);
    EXPECT_EQ(reason_of(first), reason_of(second));
    EXPECT_EQ(first.oom_kill, second.oom_kill);
    EXPECT_EQ(first.limit_owner, second.limit_owner);
    EXPECT_EQ(first.limit_owner_path, second.limit_owner_path);
  }
}

TEST(TimeOf, finds_the_first_event_of_a_kind) {
  RunRecord record = killed_on_v1();
  record.events.push_back(
      {9000000000, EventKind::kill_seen, "memorydemo", "later"});
  EXPECT_EQ(time_of(record, EventKind::kill_seen), 3012345678);
  EXPECT_EQ(time_of(record, EventKind::cgroup_created), -2000000);
  EXPECT_EQ(time_of(record, EventKind::deadline), std::nullopt);
}

}  // namespace
}  // namespace lab
