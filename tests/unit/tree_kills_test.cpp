// SPDX-License-Identifier: MIT
#include "lab/watch/tree_kills.h"

#include <gtest/gtest.h>

#include <numeric>

namespace lab {
namespace {

using cgroupfs::Version;

constexpr Message unknown_reason("not singled out", "没有指出");

LoggedVictim logged_in(const std::string& path, pid_t pid = 7) {
  LoggedVictim logged;
  logged.victim.pid = pid;
  logged.place = KillPlace{path, true, PlaceSource::kernel_log};
  return logged;
}

LoggedVictim logged_somewhere(pid_t pid = 7) {
  LoggedVictim logged;
  logged.victim.pid = pid;
  return logged;
}

/// `own` of them are certainly of the cgroup itself.
TreeCounts counts_of(std::uint64_t host, std::vector<CountedInTree> cgroups) {
  TreeCounts counts;
  counts.host = host;
  counts.cgroups = std::move(cgroups);
  return counts;
}

std::uint64_t sum(const std::vector<TreeKill>& kills) {
  return std::accumulate(
      kills.begin(), kills.end(), std::uint64_t{0},
      [](std::uint64_t all, const TreeKill& kill) { return all + kill.count; });
}

TEST(TreeKills, names_the_victim_that_the_log_places) {
  TreeKills kills("/a", Version::v2);
  const auto found =
      kills.update({logged_in("/a/b")}, counts_of(1, {{"/a/b", 1, 1}}));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].place, (KillPlace{"/a/b", true, PlaceSource::kernel_log}));
  EXPECT_EQ(found[0].victim->pid, 7);
  EXPECT_FALSE(kills.is_open());
}

/// v2: its kill is counted by the nearest ancestor that still exists.
TEST(TreeKills, takes_a_removed_cgroup_from_its_ancestor) {
  TreeKills kills("/a", Version::v2);
  const auto found =
      kills.update({logged_in("/a/b/gone")}, counts_of(1, {{"/a", 1, 0}}));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].place.path, "/a/b/gone");
  EXPECT_EQ(sum(kills.settle(unknown_reason)), 0u);
}

/// A kill of the cgroup's own processes is not one of a child.
TEST(TreeKills, does_not_take_own_kills_for_those_of_a_child) {
  TreeKills kills("/a", Version::v2);
  EXPECT_TRUE(kills.update({logged_in("/a/gone")}, counts_of(2, {{"/a", 1, 1}}))
                  .empty());
  const auto settled = kills.settle(unknown_reason);
  ASSERT_EQ(settled.size(), 1u);
  EXPECT_FALSE(settled[0].victim);
  EXPECT_EQ(settled[0].place, (KillPlace{"/a", true, PlaceSource::counter}));
}

TEST(TreeKills, waits_for_the_log_and_then_reports_without_a_victim) {
  TreeKills kills("/a", Version::v2);
  EXPECT_TRUE(kills.update({}, counts_of(3, {{"/a", 3, 2}})).empty());
  EXPECT_TRUE(kills.is_open());
  const auto settled = kills.settle(unknown_reason);
  EXPECT_EQ(sum(settled), 3u);
  ASSERT_EQ(settled.size(), 2u);
  EXPECT_EQ(settled[0].count, 2u);
  EXPECT_TRUE(settled[0].place.exact);
  EXPECT_FALSE(settled[1].place.exact);
  EXPECT_EQ(settled[0].victim_absent_because->en, "not singled out");
  EXPECT_FALSE(kills.is_open());
}

/// v2: the kill was reported without a victim, because the log was late.
TEST(TreeKills, reports_no_kill_twice_for_a_late_log) {
  TreeKills kills("/a", Version::v2);
  kills.update({}, counts_of(1, {{"/a/b", 1, 1}}));
  EXPECT_EQ(sum(kills.settle(unknown_reason)), 1u);
  EXPECT_TRUE(kills.update({logged_in("/a/b")}, counts_of(0, {})).empty());
  EXPECT_FALSE(kills.is_open());
}

TEST(TreeKills, places_a_victim_where_all_kills_of_the_host_are) {
  TreeKills kills("/a", Version::v1);
  const auto found =
      kills.update({logged_somewhere(9)}, counts_of(1, {{"/a/b", 1, 1}}));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].place, (KillPlace{"/a/b", true, PlaceSource::counter}));
  EXPECT_EQ(found[0].victim->pid, 9);
}

TEST(TreeKills, names_no_victim_that_may_have_been_elsewhere) {
  for (const Version version : {Version::v1, Version::v2}) {
    TreeKills kills("/a", version);
    EXPECT_TRUE(
        kills.update({logged_somewhere()}, counts_of(2, {{"/a/b", 1, 1}}))
            .empty());
    const auto settled = kills.settle(unknown_reason);
    ASSERT_EQ(settled.size(), 1u);
    EXPECT_FALSE(settled[0].victim);
    EXPECT_EQ(kills.unplaced(), version == Version::v1 ? 1u : 0u);
  }
}

TEST(TreeKills, names_no_victim_of_two_cgroups) {
  TreeKills kills("/a", Version::v2);
  EXPECT_TRUE(kills
                  .update({logged_somewhere(1), logged_somewhere(2)},
                          counts_of(2, {{"/a/b", 1, 1}, {"/a/c", 1, 1}}))
                  .empty());
  for (const TreeKill& kill : kills.settle(unknown_reason)) {
    EXPECT_FALSE(kill.victim);
    EXPECT_EQ(kill.count, 1u);
  }
}

/// A kill between two readings could be taken for another one.
TEST(TreeKills, names_no_victim_while_kills_are_counted) {
  TreeKills kills("/a", Version::v1);
  TreeCounts counts = counts_of(1, {{"/a/b", 1, 1}});
  counts.is_consistent = false;
  EXPECT_TRUE(kills.update({logged_somewhere()}, counts).empty());
  EXPECT_TRUE(kills.is_open());
}

/// v1: the counter was removed with its cgroup.
TEST(TreeKills, counts_a_logged_kill_of_a_removed_cgroup_on_v1) {
  TreeKills kills("/a", Version::v1);
  const auto found = kills.update({logged_in("/a/gone")}, counts_of(1, {}));
  EXPECT_EQ(sum(found), 1u);
  EXPECT_EQ(sum(kills.settle(unknown_reason)), 0u);
  EXPECT_EQ(kills.unplaced(), 0u);
}

TEST(TreeKills, leaves_kills_unplaced_that_only_the_host_counts_on_v1) {
  TreeKills kills("/a", Version::v1);
  EXPECT_TRUE(kills.update({logged_somewhere()}, counts_of(1, {})).empty());
  EXPECT_TRUE(kills.settle(unknown_reason).empty());
  EXPECT_EQ(kills.unplaced(), 1u);
}

/// All cgroups of the host are in the tree.
TEST(TreeKills, counts_what_only_the_host_counts_in_a_whole_hierarchy) {
  TreeKills kills("/", Version::v1);
  kills.update({}, counts_of(2, {}));
  const auto settled = kills.settle(unknown_reason);
  ASSERT_EQ(settled.size(), 1u);
  EXPECT_EQ(settled[0].count, 2u);
  EXPECT_EQ(settled[0].place, (KillPlace{"/", false, PlaceSource::counter}));
  EXPECT_EQ(kills.unplaced(), 0u);
}

TEST(TreeKills, ignores_kills_that_the_log_places_outside) {
  TreeKills kills("/a", Version::v1);
  LoggedVictim outside = logged_in("/b");
  outside.is_outside = true;
  EXPECT_TRUE(kills.update({outside}, counts_of(1, {})).empty());
  EXPECT_TRUE(kills.settle(unknown_reason).empty());
  EXPECT_EQ(kills.unplaced(), 0u);
}

/// The counters of the cgroups are read after that of the host.
TEST(TreeKills, waits_for_the_host_where_a_cgroup_has_counted_more) {
  TreeKills kills("/a", Version::v1);
  kills.update({}, counts_of(0, {{"/a/b", 1, 1}}));
  EXPECT_EQ(sum(kills.settle(unknown_reason)), 1u);
  EXPECT_TRUE(kills.update({}, counts_of(1, {})).empty());
  EXPECT_TRUE(kills.settle(unknown_reason).empty());
  EXPECT_EQ(kills.unplaced(), 0u);
}

TEST(IsInTree, compares_whole_names) {
  EXPECT_TRUE(is_in_tree("/a", "/a"));
  EXPECT_TRUE(is_in_tree("/a/b", "/a"));
  EXPECT_FALSE(is_in_tree("/ab", "/a"));
  EXPECT_FALSE(is_in_tree("/", "/a"));
  EXPECT_TRUE(is_in_tree("/a", "/"));
}

}  // namespace
}  // namespace lab
