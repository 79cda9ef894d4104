// SPDX-License-Identifier: MIT
#include "lab/watch/kill_ledger.h"

#include <gtest/gtest.h>

namespace lab {
namespace {

Victim victim_in(const std::string& task_memcg, pid_t pid = 7) {
  Victim victim;
  victim.pid = pid;
  victim.task_memcg = task_memcg;
  return victim;
}

Counters counted(std::uint64_t kills) {
  Counters counters;
  counters.oom_kills = kills;
  return counters;
}

Counters counted_v2(std::uint64_t kills, std::uint64_t group_kills) {
  Counters counters = counted(kills);
  counters.events.emplace();
  counters.events->oom_group_kill = group_kills;
  return counters;
}

KillLedger ledger(std::uint64_t before = 0) {
  return {KernelName("/a", true), counted(before)};
}

TEST(KernelName, from_the_root_is_whole) {
  const KernelName name("/a/b", true);
  EXPECT_TRUE(name.holds("/a/b"));
  EXPECT_TRUE(name.holds("/a/b/c"));
  EXPECT_FALSE(name.holds("/a/bc"));
  EXPECT_FALSE(name.holds("/x/a/b"));
  EXPECT_FALSE(name.holds("/a"));
  EXPECT_TRUE(KernelName("", true).holds("/anything"));
}

TEST(KernelName, is_the_very_cgroup) {
  EXPECT_TRUE(KernelName("/a/b", true).is("/a/b"));
  EXPECT_FALSE(KernelName("/a/b", true).is("/a/b/c"));
  EXPECT_FALSE(KernelName("/a/b", true).is("/x/a/b"));
  EXPECT_TRUE(KernelName("/b", false).is("/a/b"));
  EXPECT_FALSE(KernelName("/b", false).is("/a/bb"));
  EXPECT_TRUE(KernelName("", true).is("/"));
  EXPECT_FALSE(KernelName("", true).is("/a"));
  EXPECT_FALSE(KernelName("", false).is("/a"));
}

TEST(KernelName, from_within_a_namespace_is_a_tail) {
  const KernelName name("/b", false);
  EXPECT_TRUE(name.holds("/docker/1/b"));
  EXPECT_TRUE(name.holds("/docker/1/b/c"));
  EXPECT_TRUE(name.holds("/bb/b"));
  EXPECT_FALSE(name.holds("/docker/1/bc"));
  EXPECT_FALSE(name.holds("/docker/1"));
  EXPECT_FALSE(KernelName("", false).holds("/anything"));
}

TEST(KillLedger, tells_each_victim_once) {
  KillLedger kills = ledger(3);
  const auto told =
      kills.update({victim_in("/a", 1), victim_in("/a/b", 2)}, counted(5));
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].victim->pid, 1);
  EXPECT_EQ(told[1].victim->pid, 2);
  EXPECT_EQ(kills.owed(), 0u);
  EXPECT_TRUE(kills.update({}, counted(5)).empty());
  EXPECT_FALSE(kills.settle("?"));
}

TEST(KillLedger, leaves_out_the_victims_of_others) {
  KillLedger kills = ledger();
  Victim nameless;
  nameless.pid = 9;
  EXPECT_TRUE(kills.update({victim_in("/b"), nameless}, counted(0)).empty());
  EXPECT_EQ(kills.owed(), 0u);
}

TEST(KillLedger, waits_for_a_victim_that_is_logged_late) {
  KillLedger kills = ledger();
  EXPECT_TRUE(kills.update({}, counted(1)).empty());
  EXPECT_EQ(kills.owed(), 1u);
  EXPECT_EQ(kills.update({victim_in("/a")}, counted(1)).size(), 1u);
  EXPECT_EQ(kills.owed(), 0u);
}

TEST(KillLedger, settles_what_the_log_does_not_name) {
  KillLedger kills = ledger();
  kills.update({victim_in("/a")}, counted(3));
  const auto rest = kills.settle("no log");
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->count, 2u);
  EXPECT_EQ(rest->victim, std::nullopt);
  EXPECT_EQ(rest->victim_absent_because, "no log");
  EXPECT_EQ(kills.owed(), 0u);
}

TEST(KillLedger, takes_a_sum_that_fell_as_a_new_beginning) {
  KillLedger kills = ledger(5);
  EXPECT_TRUE(kills.update({}, counted(1)).empty());
  EXPECT_EQ(kills.owed(), 0u);
  kills.update({}, counted(2));
  EXPECT_EQ(kills.owed(), 1u);
}

TEST(KillLedger, keeps_a_victim_whose_cgroup_took_its_counter_along) {
  KillLedger kills = ledger(2);
  EXPECT_EQ(kills.update({victim_in("/a/gone")}, counted(2)).size(), 1u);
  kills.update({}, counted(3));
  EXPECT_EQ(kills.owed(), 1u) << "the next kill is another";
}

TEST(KillLedger, counts_the_first_of_a_group_once) {
  KillLedger kills(KernelName("/a", true), counted_v2(0, 0));
  kills.update({}, counted_v2(5, 1));
  EXPECT_EQ(kills.owed(), 4u);
}

TEST(KillLedger, may_be_updated_between_the_two_counts_of_a_group) {
  KillLedger kills(KernelName("/a", true), counted_v2(0, 0));
  EXPECT_EQ(kills.update({victim_in("/a", 7)}, counted_v2(1, 1)).size(), 1u);
  EXPECT_EQ(kills.owed(), 0u);
  EXPECT_EQ(kills.update({victim_in("/a", 8)}, counted_v2(3, 1)).size(), 1u);
  EXPECT_EQ(kills.owed(), 0u);
  kills.update({}, counted_v2(4, 1));
  EXPECT_EQ(kills.owed(), 1u);
}

TEST(KillLedger, goes_by_the_log_where_there_is_no_counter) {
  KillLedger kills(KernelName("/a", true), Counters{});
  EXPECT_EQ(kills.update({victim_in("/a")}, Counters{}).size(), 1u);
  EXPECT_EQ(kills.owed(), 0u);
}

}  // namespace
}  // namespace lab
