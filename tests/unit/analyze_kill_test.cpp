// SPDX-License-Identifier: MIT
// Whose limit invoked the OOM killer.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "lab/verdict/analyze.h"
#include "tests/support/error_text.h"
#include "tests/support/reason.h"
#include "tests/support/sample_record.h"

namespace lab {
namespace {

using test_support::reason_of;

using test_support::forget_log;
using test_support::killed_on_v1;
using test_support::killed_on_v2;

constexpr char proof[] =
    "it was reaped with SIGKILL and oom_kill rose from 0 to 1.";

void expect_own_limit(const RunRecord& record) {
  const Verdict verdict = analyze(record);
  EXPECT_EQ(verdict.status, Status::oom_killed);
  EXPECT_EQ(verdict.limit_owner, LimitOwner::own);
  EXPECT_EQ(verdict.limit_owner_path, std::nullopt);
  EXPECT_TRUE(has(reason_of(verdict), "its own cgroup, 104960000 bytes"));
  EXPECT_TRUE(has(reason_of(verdict), proof));
}

void expect_ancestor(const RunRecord& record, const std::string& path) {
  const Verdict verdict = analyze(record);
  EXPECT_EQ(verdict.status, Status::oom_killed_by_ancestor);
  EXPECT_EQ(verdict.limit_owner, LimitOwner::ancestor);
  EXPECT_EQ(verdict.limit_owner_path, path);
  EXPECT_TRUE(has(reason_of(verdict), "an ancestor cgroup, " + path + ":"));
  EXPECT_TRUE(has(reason_of(verdict), proof));
}

/// No limit of the child's own cgroup was hit.
void forget_own_hits(RunRecord& record) {
  record.evidence.after.failcnt = record.evidence.before.failcnt;
  record.evidence.after.memsw_failcnt = record.evidence.before.memsw_failcnt;
  record.evidence.after.local_events = record.evidence.before.local_events;
  record.evidence.after.events = record.evidence.before.events;
  record.peak = Peak{Bytes{52428800}, "samples"};
}

TEST(OomKill, is_proven_at_the_own_limit_by_the_kernels_record) {
  expect_own_limit(killed_on_v1());
  expect_own_limit(killed_on_v2());
}

TEST(OomKill, needs_no_counter_of_hits_with_the_kernels_record) {
  RunRecord record = killed_on_v2();
  forget_own_hits(record);
  expect_own_limit(record);
}

void expect_unknown_limit(const RunRecord& record) {
  const Verdict verdict = analyze(record);
  EXPECT_EQ(verdict.status, Status::oom_killed_by_unknown);
  EXPECT_EQ(verdict.limit_owner, LimitOwner::unknown);
  EXPECT_TRUE(has(reason_of(verdict), proof));
}

/// Notifications are sent for the own limit and those of ancestors.
TEST(OomKill, is_blamed_on_v1_by_the_only_notification) {
  RunRecord record = killed_on_v1();
  forget_log(record);
  expect_own_limit(record);
  record.peak = std::nullopt;
  record.evidence.ancestors.front().max = Limit::of(Bytes{1 * gibi});
  record.evidence.ancestors.front().notifications = 0;
  record.evidence.ancestors.front().hits_after = 8;
  expect_own_limit(record);
}

TEST(OomKill, is_not_blamed_on_v1_where_an_ancestor_would_not_notify) {
  RunRecord record = killed_on_v1();
  forget_log(record);
  record.peak = std::nullopt;
  record.evidence.all_ancestors_seen = false;
  expect_unknown_limit(record);
  record.evidence.all_ancestors_seen = true;
  record.evidence.ancestors.front().max = Limit::of(Bytes{1 * gibi});
  expect_unknown_limit(record);
  record.evidence.ancestors.front().max = std::nullopt;
  expect_unknown_limit(record);
}

/// As in a container, where ancestors are hidden.
TEST(OomKill, is_blamed_on_v1_when_the_hog_was_at_the_limit) {
  RunRecord record = killed_on_v1();
  forget_log(record);
  record.evidence.all_ancestors_seen = false;
  expect_own_limit(record);
  RunRecord below = record;
  below.peak->bytes.count -= 4096;
  expect_unknown_limit(below);
  below.peak = Peak{test_support::sample_limit, "samples"};
  expect_unknown_limit(below);
  RunRecord swapping = record;
  swapping.plan.swap = Limit::max();
  expect_unknown_limit(swapping);
  RunRecord notified = record;
  notified.evidence.ancestors.front().notifications = 1;
  expect_unknown_limit(notified);
  RunRecord rewritten = record;
  rewritten.limits.front().at_end = Limit::max();
  expect_unknown_limit(rewritten);
  // A command may have page cache, which is reclaimed at the limit.
  expect_unknown_limit(test_support::as_command(record, {"make"}));
}

TEST(OomKill, is_blamed_on_the_outermost_ancestor_that_notified_on_v1) {
  RunRecord record = killed_on_v1();
  forget_log(record);
  forget_own_hits(record);
  const Limit limit = Limit::of(Bytes{1 * gibi});
  record.evidence.ancestors = {{"/near", limit, 7, 7, 1},
                               {"/hit", limit, 7, 8, 1},
                               {"/far", limit, 0, 9, 0},
                               {"/", Limit::max(), 0, 0}};
  expect_ancestor(record, "/hit");
  // The nearer one and the own limit were hit, too.
  record.evidence.ancestors.front().notifications = 2;
  expect_unknown_limit(record);
  record.evidence.ancestors.front().notifications = 1;
  record.evidence.notifications = 2;
  expect_unknown_limit(record);
  record.evidence.notifications = 1;
  // A higher one may have been hit and cannot notify.
  record.evidence.ancestors[2].notifications = std::nullopt;
  expect_unknown_limit(record);
}

/// A streamed file raises failcnt without any OOM.
TEST(OomKill, is_not_blamed_only_by_failcnt_or_a_peak_on_v1) {
  RunRecord record = killed_on_v1();
  forget_log(record);
  record.evidence.notifications = 0;
  ASSERT_GT(record.evidence.after.failcnt, record.evidence.before.failcnt);
  ASSERT_EQ(record.peak->bytes, test_support::sample_limit);
  expect_unknown_limit(record);
  record.evidence.ancestors.front().hits_after = 8;
  expect_unknown_limit(record);
}

TEST(OomKill, is_not_blamed_only_by_max_on_v2) {
  RunRecord record = killed_on_v2();
  forget_log(record);
  record.evidence.after.local_events->oom = 0;
  record.evidence.after.events->oom = 0;
  ASSERT_GT(record.evidence.after.local_events->max, 0u);
  expect_unknown_limit(record);
}

TEST(OomKill, is_not_blamed_where_two_limits_were_hit_on_v2) {
  RunRecord record = killed_on_v2();
  forget_log(record);
  record.evidence.ancestors.front().hits_after = 1;
  expect_unknown_limit(record);
  forget_own_hits(record);
  expect_ancestor(record, "/sys/fs/cgroup/user.slice");
}

TEST(OomKill, at_the_limit_of_a_descendant_is_not_the_own) {
  RunRecord record = killed_on_v2();
  const std::string below =
      *record.evidence.victims.front().task_memcg + "/mine";
  record.evidence.victims.front().oom_memcg = below;
  record.evidence.victims.front().task_memcg = below;
  const Verdict verdict = analyze(record);
  EXPECT_EQ(verdict.status, Status::oom_killed_by_descendant);
  EXPECT_EQ(verdict.limit_owner, LimitOwner::descendant);
  EXPECT_EQ(verdict.limit_owner_path, "/sys/fs/cgroup" + below);
  // Killed in a descendant, at the limit of the run's cgroup.
  record.evidence.victims.front().oom_memcg =
      killed_on_v2().evidence.victims.front().oom_memcg;
  expect_own_limit(record);
}

/// A descendant may repeat the whole path of the run's cgroup.
TEST(OomKill, at_the_limit_of_a_descendant_of_that_name_is_not_the_own) {
  RunRecord record = killed_on_v2();
  const std::string own = *record.evidence.victims.front().task_memcg;
  record.evidence.victims.front().oom_memcg = own + own;
  record.evidence.victims.front().task_memcg = own + own;
  EXPECT_EQ(analyze(record).limit_owner, LimitOwner::descendant);
}

TEST(OomKill, names_the_limit_that_the_log_has_of_that_time) {
  RunRecord record = killed_on_v2();
  record.evidence.victims.front().limit = test_support::sample_limit;
  expect_own_limit(record);
  record.evidence.victims.front().limit = Bytes{20 * mebi};
  EXPECT_TRUE(has(reason_of(analyze(record)),
                  "20971520 bytes at the kill and 104960000 at the start"));
}

/// An ancestor that was limited meanwhile may have killed.
TEST(OomKill, is_not_blamed_on_v1_without_a_failed_charge) {
  RunRecord record = killed_on_v1();
  forget_log(record);
  record.evidence.after.failcnt = record.evidence.before.failcnt;
  expect_unknown_limit(record);
}

TEST(OomKill, names_both_limits_where_one_was_rewritten) {
  RunRecord record = killed_on_v2();
  record.limits.front().at_end = record.limits.front().actual;
  expect_own_limit(record);
  record.limits.front().at_end = Limit::of(Bytes{2097152});
  EXPECT_TRUE(has(reason_of(analyze(record)),
                  "104960000 bytes at first and 2097152 at the end"));
}

/// Its own cgroup was hit by another process.
TEST(OomKill, elsewhere_is_not_blamed_by_local_counters) {
  for (RunRecord record : {killed_on_v1(), killed_on_v2()}) {
    Victim& victim = record.evidence.victims.front();
    victim.constraint = std::nullopt;
    victim.oom_memcg = std::nullopt;
    victim.task_memcg = std::nullopt;
    expect_own_limit(record);
    main_member(record)->left_for = "/elsewhere";
    EXPECT_EQ(analyze(record).status, Status::oom_killed_by_unknown);
  }
}

TEST(OomKill, is_blamed_by_the_local_events_on_v2) {
  RunRecord record = killed_on_v2();
  forget_log(record);
  record.peak = std::nullopt;
  expect_own_limit(record);
}

TEST(OomKill, is_not_blamed_by_events_of_the_other_version) {
  RunRecord record = killed_on_v2();
  forget_log(record);
  forget_own_hits(record);
  record.evidence.before.failcnt = 0;
  record.evidence.after.failcnt = 61;
  EXPECT_EQ(analyze(record).limit_owner, LimitOwner::unknown);
}

TEST(OomKill, names_the_ancestor_of_the_kernels_record) {
  RunRecord v1 = killed_on_v1();
  v1.evidence.victims.front().oom_memcg = "/user.slice";
  expect_ancestor(v1, "/sys/fs/cgroup/memory/user.slice");
  RunRecord v2 = killed_on_v2();
  v2.evidence.victims.front().oom_memcg = "/user.slice";
  expect_ancestor(v2, "/sys/fs/cgroup/user.slice");
}

TEST(OomKill, believes_the_kernels_record_more_than_counters) {
  RunRecord record = killed_on_v1();
  ASSERT_GT(record.evidence.after.failcnt, record.evidence.before.failcnt);
  record.evidence.victims.front().oom_memcg = "/user.slice";
  expect_ancestor(record, "/sys/fs/cgroup/memory/user.slice");
}

TEST(OomKill, keeps_the_kernels_name_of_a_cgroup_that_is_not_mounted_here) {
  RunRecord record = killed_on_v2();
  Victim& victim = record.evidence.victims.front();
  victim.oom_memcg = "/docker/3f4c1b7d";
  victim.task_memcg = *victim.oom_memcg + *victim.task_memcg;
  expect_ancestor(record, "/docker/3f4c1b7d");
  record.evidence.ancestors = {
      {"/sys/fs/cgroup/x/docker/3f4c1b7d", Limit::max(), 0, 0}};
  expect_ancestor(record, "/docker/3f4c1b7d");
}

TEST(OomKill, does_not_confuse_a_namesake_with_the_ancestor) {
  RunRecord record = killed_on_v2();
  record.evidence.ancestors = {{"/sys/fs/cgroup/b/x/b", Limit::max(), 0, 0},
                               {"/sys/fs/cgroup/b/x", Limit::max(), 0, 0},
                               {"/sys/fs/cgroup/b", Limit::max(), 0, 0}};
  Victim& victim = record.evidence.victims.front();
  victim.oom_memcg = "/b";
  victim.task_memcg = "/b/x/b" + *victim.task_memcg;
  expect_ancestor(record, "/sys/fs/cgroup/b");
}

TEST(OomKill, names_the_only_ancestor_whose_counter_rose_on_v2) {
  RunRecord record = killed_on_v2();
  forget_log(record);
  forget_own_hits(record);
  record.evidence.ancestors = {{"/near", Limit::max(), 7, 7},
                               {"/hit", Limit::max(), 7, 8},
                               {"/far", Limit::max(), 9, 9}};
  expect_ancestor(record, "/hit");
  record.evidence.ancestors.back().hits_after = 10;
  expect_unknown_limit(record);
}

TEST(OomKill, does_not_count_an_unknown_counter_as_a_hit) {
  RunRecord record = killed_on_v2();
  forget_log(record);
  forget_own_hits(record);
  record.evidence.ancestors = {{"/unread", Limit::max(), std::nullopt, 9},
                               {"/gone", Limit::max(), 9, std::nullopt},
                               {"/wrapped", Limit::max(), 9, 8}};
  const Verdict verdict = analyze(record);
  EXPECT_EQ(verdict.status, Status::oom_killed_by_unknown);
  EXPECT_EQ(verdict.limit_owner, LimitOwner::unknown);
  EXPECT_TRUE(has(reason_of(verdict),
                  "at a limit that the evidence does not identify"));
  EXPECT_TRUE(has(reason_of(verdict), proof));
}

TEST(OomKill, by_the_host_is_distinguished_from_one_by_a_limit) {
  for (RunRecord record : {killed_on_v1(), killed_on_v2()}) {
    record.evidence.victims.front().constraint = "CONSTRAINT_NONE";
    record.evidence.victims.front().oom_memcg = std::nullopt;
    const Verdict verdict = analyze(record);
    EXPECT_EQ(verdict.status, Status::oom_killed_by_host);
    EXPECT_EQ(verdict.limit_owner, LimitOwner::host);
    EXPECT_TRUE(has(reason_of(verdict), "the whole host ran out of memory"));
    EXPECT_TRUE(has(reason_of(verdict), proof));
    record.evidence.victims.front().constraint = "CONSTRAINT_CPUSET";
    EXPECT_TRUE(
        has(reason_of(analyze(record)), "NUMA nodes it is allowed to use"));
  }
}

TEST(OomKill, with_half_a_kernel_record_is_blamed_by_counters) {
  RunRecord record = killed_on_v1();
  record.evidence.victims.front().oom_memcg = std::nullopt;
  expect_own_limit(record);
  record.evidence.victims.front().constraint = std::nullopt;
  expect_own_limit(record);
}

TEST(OomKill, is_proven_by_the_log_where_the_kernel_has_no_counter) {
  RunRecord record = killed_on_v1();
  record.evidence.before.oom_kills = std::nullopt;
  record.evidence.after.oom_kills = std::nullopt;
  const Verdict verdict = analyze(record);
  EXPECT_EQ(verdict.status, Status::oom_killed);
  EXPECT_EQ(verdict.limit_owner, LimitOwner::own);
  EXPECT_TRUE(has(reason_of(verdict), "the kernel log names it as the victim"));
}

TEST(OomKill, reports_counts_that_did_not_begin_at_0) {
  RunRecord record = killed_on_v2();
  record.evidence.before.oom_kills = 5;
  record.evidence.after.oom_kills = 7;
  EXPECT_TRUE(has(reason_of(analyze(record)), "oom_kill rose from 5 to 7"));
  EXPECT_EQ(oom_kills_in(record), 2u);
}

}  // namespace
}  // namespace lab
