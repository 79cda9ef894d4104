// SPDX-License-Identifier: MIT
#include "lab/watch/kill_ledger.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lab {
namespace {

constexpr Message no_log("no log", "没有日志");

using cgroupfs::Version;

Victim victim_in(const std::string& task_memcg, pid_t pid = 7) {
  Victim victim;
  victim.pid = pid;
  victim.task_memcg = task_memcg;
  return victim;
}

using Counted = std::vector<CountedKills>;

Counted counted_in(const char* name, std::uint64_t kills,
                   std::uint64_t group_kills = 0) {
  return {{KernelName(name, true), kills, group_kills}};
}

KillLedger ledger(Version version = Version::v2) {
  return {KernelName("/a", true), version, /*has_log=*/false};
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

TEST(KernelName, matches_only_the_cgroup_itself) {
  EXPECT_TRUE(KernelName("/a/b", true).is("/a/b"));
  EXPECT_FALSE(KernelName("/a/b", true).is("/a/b/c"));
  EXPECT_FALSE(KernelName("/a/b", true).is("/x/a/b"));
  EXPECT_TRUE(KernelName("/b", false).is("/a/b"));
  EXPECT_FALSE(KernelName("/b", false).is("/a/bb"));
  EXPECT_TRUE(KernelName("", true).is("/"));
  EXPECT_FALSE(KernelName("", true).is("/a"));
  EXPECT_FALSE(KernelName("", false).is("/a"));
}

TEST(KernelName, is_read_from_the_log_byte_by_byte) {
  const std::string name = "/a\n\x1b\xc3\xa9\\x41 \xff";
  EXPECT_EQ(unescaped_log_text(log_escaped(name)), name);
  EXPECT_EQ(unescaped_log_text("/a\\x4"), "/a\\x4");
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

/// The first victim of a group, unless it has exited before the others die.
TEST(KillLedger, takes_off_only_what_the_log_shows_twice) {
  for (const bool is_repeated : {false, true}) {
    KillLedger kills(KernelName("/a", true), Version::v2, /*has_log=*/true);
    const std::vector<Victim> twice(is_repeated ? 1 : 0, victim_in("/a", 1));
    EXPECT_EQ(kills
                  .update({victim_in("/a", 1), victim_in("/a", 2)},
                          counted_in("/a", is_repeated ? 3 : 2, 1), twice)
                  .size(),
              2u);
    EXPECT_EQ(kills.owed(), 0u);
  }
}

TEST(KillLedger, takes_off_a_repeated_victim_that_the_log_does_not_place) {
  KillLedger kills(KernelName("/a", true), Version::v2, /*has_log=*/true);
  const Victim somewhere;
  kills.update({}, counted_in("/a", 1), {somewhere});
  EXPECT_EQ(kills.owed(), 1u) << "no group was counted here";
  kills.update({}, counted_in("/a", 3, 1), {somewhere});
  EXPECT_EQ(kills.owed(), 3u);
}

TEST(KillLedger, reports_each_victim_once) {
  KillLedger kills = ledger();
  const auto reported = kills.update({victim_in("/a", 1), victim_in("/a/b", 2)},
                                     counted_in("/a", 2));
  ASSERT_EQ(reported.size(), 2u);
  EXPECT_EQ(reported[0].victim->pid, 1);
  EXPECT_EQ(reported[1].victim->pid, 2);
  EXPECT_EQ(kills.owed(), 0u);
  EXPECT_TRUE(kills.update({}, {}).empty());
  EXPECT_FALSE(kills.settle(no_log));
}

TEST(KillLedger, ignores_the_victims_of_others) {
  for (const Version version : {Version::v1, Version::v2}) {
    KillLedger kills = ledger(version);
    Victim nameless;
    nameless.pid = 9;
    EXPECT_TRUE(kills.update({victim_in("/b"), nameless}, {}).empty());
    EXPECT_EQ(kills.owed(), 0u);
  }
}

TEST(KillLedger, waits_for_a_victim_that_is_logged_late) {
  for (const Version version : {Version::v1, Version::v2}) {
    KillLedger kills = ledger(version);
    EXPECT_TRUE(kills.update({}, counted_in("/a", 1)).empty());
    EXPECT_EQ(kills.owed(), 1u);
    EXPECT_EQ(kills.update({victim_in("/a")}, {}).size(), 1u);
    EXPECT_EQ(kills.owed(), 0u);
  }
}

TEST(KillLedger, settles_what_the_log_does_not_name) {
  for (const Version version : {Version::v1, Version::v2}) {
    KillLedger kills = ledger(version);
    kills.update({victim_in("/a")}, counted_in("/a", 3));
    const auto rest = kills.settle(no_log);
    ASSERT_TRUE(rest);
    EXPECT_EQ(rest->count, 2u);
    EXPECT_EQ(rest->victim, std::nullopt);
    EXPECT_EQ(rest->victim_absent_because.value_or(Text()).en, "no log");
    EXPECT_EQ(kills.owed(), 0u);
  }
}

TEST(KillLedger, keeps_a_victim_whose_counter_was_removed_with_its_cgroup) {
  for (const Version version : {Version::v1, Version::v2}) {
    KillLedger kills = ledger(version);
    EXPECT_EQ(kills.update({victim_in("/a/gone")}, {}).size(), 1u);
    kills.update({}, counted_in("/a", 1));
    EXPECT_EQ(kills.owed(), 1u) << "the next kill is another";
  }
}

/// Both within one interval, and the rate-limited log has only one.
TEST(KillLedger, does_not_confuse_victims_of_different_cgroups_on_v1) {
  KillLedger kills = ledger(Version::v1);
  EXPECT_EQ(kills.update({victim_in("/a/gone")}, counted_in("/a/b", 1)).size(),
            1u);
  EXPECT_EQ(kills.owed(), 1u);
  EXPECT_EQ(kills.update({victim_in("/a/b")}, {}).size(), 1u);
  EXPECT_EQ(kills.owed(), 0u);
}

TEST(KillLedger, finds_the_count_of_a_victim_with_a_truncated_name_on_v1) {
  const std::string path = "/a/" + std::string(1000, 'x');
  KillLedger kills = ledger(Version::v1);
  EXPECT_EQ(
      kills
          .update({victim_in(path.substr(0, 960))}, counted_in(path.c_str(), 1))
          .size(),
      1u);
  EXPECT_EQ(kills.owed(), 0u);
}

TEST(KillLedger, recognises_victims_by_the_new_name) {
  KillLedger kills = ledger(Version::v1);
  kills.rename(KernelName("/c", true));
  EXPECT_TRUE(kills.update({victim_in("/a")}, {}).empty());
  EXPECT_EQ(kills.update({victim_in("/c")}, counted_in("/c", 1)).size(), 1u);
  EXPECT_EQ(kills.owed(), 0u);
}

TEST(KillLedger, counts_the_first_of_a_group_once) {
  KillLedger kills = ledger();
  kills.update({}, counted_in("/a", 5, 1));
  EXPECT_EQ(kills.owed(), 4u);
}

TEST(KillLedger, may_be_updated_between_the_two_counts_of_a_group) {
  KillLedger kills = ledger();
  EXPECT_EQ(kills.update({victim_in("/a", 7)}, counted_in("/a", 1, 1)).size(),
            1u);
  EXPECT_EQ(kills.owed(), 0u);
  EXPECT_EQ(kills.update({victim_in("/a", 8)}, counted_in("/a", 2)).size(), 1u);
  EXPECT_EQ(kills.owed(), 0u);
  kills.update({}, counted_in("/a", 1));
  EXPECT_EQ(kills.owed(), 1u);
}

TEST(KillLedger, uses_the_log_where_there_is_no_counter) {
  for (const Version version : {Version::v1, Version::v2}) {
    KillLedger kills = ledger(version);
    EXPECT_EQ(kills.update({victim_in("/a")}, {}).size(), 1u);
    EXPECT_EQ(kills.owed(), 0u);
  }
}

}  // namespace
}  // namespace lab
