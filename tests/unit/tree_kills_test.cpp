// SPDX-License-Identifier: MIT
#include "lab/watch/tree_kills.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "lab/watch/tree.h"

namespace lab {
namespace {

using cgroupfs::Version;

constexpr Message unknown_reason("not singled out", "没有指出");

/// A matcher of a tree in which the cgroups at `removed` are not any more.
TreeKills kills_on(Version version, std::set<std::string> removed = {},
                   bool is_whole = false, bool has_log = true) {
  return {version, is_whole, has_log, [removed](const std::string& path) {
            return !removed.contains(path);
          }};
}

/// All open kills, at the end.
std::vector<TreeKill> rest_of(TreeKills& kills) {
  return kills.finish(unknown_reason, false);
}

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
  TreeKills kills = kills_on(Version::v2);
  const auto found =
      kills.update({logged_in("/a/b")}, counts_of(1, {{"/a/b", 1, 1}}));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].place, (KillPlace{"/a/b", true, PlaceSource::kernel_log}));
  EXPECT_EQ(found[0].victim->pid, 7);
  EXPECT_FALSE(kills.is_open());
}

/// v2: its kill is counted by the nearest ancestor that still exists.
TEST(TreeKills, takes_a_removed_cgroup_from_its_ancestor) {
  TreeKills kills = kills_on(Version::v2, {"/a/b/gone"});
  const auto found =
      kills.update({logged_in("/a/b/gone")}, counts_of(1, {{"/a", 1, 0}}));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].place.path, "/a/b/gone");
  EXPECT_EQ(sum(rest_of(kills)), 0u);
}

/// A kill of the cgroup's own processes is not one of a child.
TEST(TreeKills, does_not_take_own_kills_for_those_of_a_child) {
  TreeKills kills = kills_on(Version::v2, {"/a/gone"});
  EXPECT_TRUE(kills.update({logged_in("/a/gone")}, counts_of(2, {{"/a", 1, 1}}))
                  .empty());
  const auto settled = rest_of(kills);
  ASSERT_EQ(settled.size(), 1u);
  EXPECT_FALSE(settled[0].victim);
  EXPECT_EQ(settled[0].place, (KillPlace{"/a", true, PlaceSource::counter}));
}

TEST(TreeKills, waits_for_the_log_and_then_reports_without_a_victim) {
  TreeKills kills = kills_on(Version::v2);
  EXPECT_TRUE(kills.update({}, counts_of(3, {{"/a", 3, 2}})).empty());
  EXPECT_TRUE(kills.is_open());
  const auto settled = rest_of(kills);
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
  TreeKills kills = kills_on(Version::v2);
  kills.update({}, counts_of(1, {{"/a/b", 1, 1}}));
  EXPECT_EQ(sum(rest_of(kills)), 1u);
  EXPECT_TRUE(kills.update({logged_in("/a/b")}, counts_of(0, {})).empty());
  EXPECT_TRUE(rest_of(kills).empty());
  EXPECT_FALSE(kills.is_open());
}

TEST(TreeKills, places_a_victim_where_all_kills_of_the_host_are) {
  TreeKills kills = kills_on(Version::v1);
  const auto found =
      kills.update({logged_somewhere(9)}, counts_of(1, {{"/a/b", 1, 1}}));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].place, (KillPlace{"/a/b", true, PlaceSource::counter}));
  EXPECT_EQ(found[0].victim->pid, 9);
}

TEST(TreeKills, names_no_victim_that_may_have_been_elsewhere) {
  for (const Version version : {Version::v1, Version::v2}) {
    TreeKills kills = kills_on(version);
    EXPECT_TRUE(
        kills.update({logged_somewhere()}, counts_of(2, {{"/a/b", 1, 1}}))
            .empty());
    const auto settled = rest_of(kills);
    ASSERT_EQ(settled.size(), 1u);
    EXPECT_FALSE(settled[0].victim);
    EXPECT_EQ(kills.unplaced(), version == Version::v1 ? 1u : 0u);
  }
}

TEST(TreeKills, names_no_victim_of_two_cgroups) {
  TreeKills kills = kills_on(Version::v2);
  EXPECT_TRUE(kills
                  .update({logged_somewhere(1), logged_somewhere(2)},
                          counts_of(2, {{"/a/b", 1, 1}, {"/a/c", 1, 1}}))
                  .empty());
  for (const TreeKill& kill : rest_of(kills)) {
    EXPECT_FALSE(kill.victim);
    EXPECT_EQ(kill.count, 1u);
  }
}

/// A kill between two readings could be taken for another one.
TEST(TreeKills, names_no_victim_while_kills_are_counted) {
  TreeKills kills = kills_on(Version::v1);
  TreeCounts counts = counts_of(1, {{"/a/b", 1, 1}});
  counts.is_consistent = false;
  EXPECT_TRUE(kills.update({logged_somewhere()}, counts).empty());
  EXPECT_TRUE(kills.is_open());
}

/// v1: the counter was removed with its cgroup.
TEST(TreeKills, counts_a_logged_kill_of_a_removed_cgroup_on_v1) {
  TreeKills kills = kills_on(Version::v1, {"/a/gone"});
  const auto found = kills.update({logged_in("/a/gone")}, counts_of(1, {}));
  EXPECT_EQ(sum(found), 1u);
  EXPECT_EQ(sum(rest_of(kills)), 0u);
  EXPECT_EQ(kills.unplaced(), 0u);
}

TEST(TreeKills, leaves_kills_unplaced_that_only_the_host_counts_on_v1) {
  TreeKills kills = kills_on(Version::v1);
  EXPECT_TRUE(kills.update({logged_somewhere()}, counts_of(1, {})).empty());
  EXPECT_TRUE(rest_of(kills).empty());
  EXPECT_EQ(kills.unplaced(), 1u);
}

/// All cgroups of the host are in the tree.
TEST(TreeKills, counts_what_only_the_host_counts_in_a_whole_hierarchy) {
  TreeKills kills = kills_on(Version::v1, {}, /*is_whole=*/true);
  kills.update({}, counts_of(2, {}));
  const auto settled = rest_of(kills);
  ASSERT_EQ(settled.size(), 1u);
  EXPECT_EQ(settled[0].count, 2u);
  EXPECT_EQ(settled[0].place, (KillPlace{"/", false, PlaceSource::counter}));
  EXPECT_EQ(kills.unplaced(), 0u);
}

TEST(TreeKills, ignores_kills_that_the_log_places_outside) {
  TreeKills kills = kills_on(Version::v1);
  LoggedVictim outside = logged_in("/b");
  outside.is_outside = true;
  EXPECT_TRUE(kills.update({outside}, counts_of(1, {})).empty());
  EXPECT_TRUE(rest_of(kills).empty());
  EXPECT_EQ(kills.unplaced(), 0u);
}

/// The counters of the cgroups are read after that of the host.
TEST(TreeKills, waits_for_the_host_where_a_cgroup_has_counted_more) {
  TreeKills kills = kills_on(Version::v1);
  kills.update({}, counts_of(0, {{"/a/b", 1, 1}}));
  EXPECT_EQ(sum(rest_of(kills)), 1u);
  EXPECT_TRUE(kills.update({}, counts_of(1, {})).empty());
  EXPECT_TRUE(rest_of(kills).empty());
  EXPECT_EQ(kills.unplaced(), 0u);
}

/// v1: it had moved there, or its pid was used again.
TEST(TreeKills, counts_a_kill_once_whose_process_was_seen_elsewhere) {
  for (const Version version : {Version::v1, Version::v2}) {
    TreeKills kills = kills_on(version);
    EXPECT_TRUE(
        kills.update({logged_in("/a/old")}, counts_of(1, {{"/a/b", 1, 1}}))
            .empty());
    const auto rest = rest_of(kills);
    ASSERT_EQ(rest.size(), 1u);
    EXPECT_EQ(rest[0].place.path, "/a/b");
    EXPECT_EQ(kills.unplaced(), 0u);
  }
}

/// A sibling of it was removed: the count of that must not be used instead.
TEST(TreeKills, does_not_place_a_kill_in_a_cgroup_that_has_not_counted_it) {
  TreeKills kills = kills_on(Version::v2);
  EXPECT_TRUE(kills.update({logged_in("/a/old")}, counts_of(1, {{"/a", 1, 0}}))
                  .empty());
  const auto rest = rest_of(kills);
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].place, (KillPlace{"/a", false, PlaceSource::counter}));
}

TEST(TreeKills, finds_a_kill_that_is_counted_after_it_was_logged) {
  TreeKills kills = kills_on(Version::v2, {"/a/gone"});
  EXPECT_TRUE(kills.update({logged_in("/a/gone")}, counts_of(1, {})).empty());
  const auto found = kills.update({}, counts_of(0, {{"/a", 1, 0}}));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].place.path, "/a/gone");
}

/// What was counted a moment ago waits for its log.
TEST(TreeKills, settles_only_what_was_open_before) {
  TreeKills kills = kills_on(Version::v2);
  kills.update({}, counts_of(1, {{"/a/b", 1, 1}}));
  EXPECT_TRUE(kills.settle(unknown_reason).empty());
  kills.update({}, counts_of(1, {{"/a/c", 1, 1}}));
  const auto settled = kills.settle(unknown_reason);
  ASSERT_EQ(settled.size(), 1u);
  EXPECT_EQ(settled[0].place.path, "/a/b");
  EXPECT_EQ(kills.update({logged_in("/a/c")}, counts_of(0, {})).size(), 1u);
  EXPECT_FALSE(kills.is_open());
}

TEST(TreeKills, reports_no_kill_twice_for_a_late_log_on_v1) {
  TreeKills kills = kills_on(Version::v1, {"/a/b"});
  kills.update({}, counts_of(1, {{"/a/b", 1, 1}}));
  EXPECT_EQ(sum(rest_of(kills)), 1u);
  EXPECT_TRUE(kills.update({logged_in("/a/b")}, counts_of(0, {})).empty());
  EXPECT_TRUE(rest_of(kills).empty());
  // And nothing is owed for it.
  kills.update({}, counts_of(1, {}));
  rest_of(kills);
  EXPECT_EQ(kills.unplaced(), 1u);
}

/// The first victim of a group is counted twice, and logged twice.
TEST(TreeKills, takes_off_what_was_counted_twice) {
  TreeKills kills = kills_on(Version::v2);
  TreeCounts counts = counts_of(5, {{"/a/b", 5, 5}});
  counts.groups = {"/a/b"};
  LoggedVictim again = logged_in("/a/b", 1);
  again.is_repeated = true;
  const auto found =
      kills.update({logged_in("/a/b", 1), logged_in("/a/b", 2),
                    logged_in("/a/b", 3), logged_in("/a/b", 4), again},
                   counts);
  EXPECT_EQ(found.size(), 4u);
  EXPECT_TRUE(rest_of(kills).empty());
}

/// The report that places the first one is rate-limited.
TEST(TreeKills, takes_off_what_was_counted_twice_without_a_place) {
  TreeKills kills = kills_on(Version::v2);
  LoggedVictim again = logged_somewhere(1);
  again.is_repeated = true;
  EXPECT_EQ(kills
                .update({logged_somewhere(1), logged_somewhere(2), again},
                        counts_of(3, {{"/a/b", 3, 3}}))
                .size(),
            2u);
  EXPECT_TRUE(rest_of(kills).empty());
}

/// It had exited before the others were killed.
TEST(TreeKills, takes_nothing_off_where_the_log_shows_no_second_kill) {
  TreeKills kills = kills_on(Version::v2);
  TreeCounts counts = counts_of(2, {{"/a/b", 2, 2}});
  counts.groups = {"/a/b"};
  EXPECT_EQ(
      kills.update({logged_in("/a/b", 1), logged_in("/a/b", 2)}, counts).size(),
      2u);
}

TEST(TreeKills, takes_one_off_each_group_without_a_log) {
  TreeKills kills = kills_on(Version::v2, {}, false, /*has_log=*/false);
  TreeCounts counts = counts_of(5, {{"/a/b", 5, 5}});
  counts.groups = {"/a"};
  kills.update({}, counts);
  EXPECT_EQ(sum(rest_of(kills)), 4u);
}

/// v2: with the top, its counters are gone.
TEST(TreeKills, counts_what_was_logged_in_a_top_that_is_gone) {
  TreeKills kills = kills_on(Version::v2, {"/a"});
  kills.update({logged_in("/a")}, counts_of(1, {}));
  EXPECT_EQ(sum(kills.finish(unknown_reason, /*top_is_gone=*/true)), 1u);
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
