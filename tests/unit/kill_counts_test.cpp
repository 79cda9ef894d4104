// SPDX-License-Identifier: MIT
#include "lab/watch/kill_counts.h"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"

namespace lab {
namespace {

using Counts = std::vector<KillCount>;

TEST(KillTotal, begins_with_the_first_reading) {
  KillTotal total;
  EXPECT_EQ(total.kills(), std::nullopt);
  EXPECT_TRUE(total.update({{1, "", 3}, {2, "/b", 2}}).empty());
  EXPECT_EQ(total.kills(), 5u);
  EXPECT_TRUE(total.update({{1, "", 3}, {2, "/b", 2}}).empty());
}

TEST(KillTotal, says_where_kills_were_counted) {
  KillTotal total;
  total.update({{1, "", 3}, {2, "/b", 2}});
  EXPECT_EQ(total.update({{1, "", 3}, {2, "/b", 4}}), (Counts{{2, "/b", 2}}));
  EXPECT_EQ(total.kills(), 7u);
}

/// The sum would not rise.
TEST(KillTotal, of_a_removed_cgroup_hides_no_other) {
  KillTotal total;
  total.update({{1, "", 0}, {2, "/a", 0}, {3, "/b", 0}});
  total.update({{1, "", 0}, {2, "/a", 1}, {3, "/b", 0}});
  EXPECT_EQ(total.update({{1, "", 0}, {3, "/b", 1}}), (Counts{{3, "/b", 1}}));
  EXPECT_EQ(total.kills(), 2u);
  EXPECT_TRUE(total.update({{1, "", 0}}).empty());
  EXPECT_EQ(total.kills(), 2u);
}

TEST(KillTotal, treats_a_new_cgroup_of_the_same_name_as_another) {
  KillTotal total;
  total.update({{1, "", 0}, {2, "/a", 1}});
  EXPECT_EQ(total.update({{1, "", 0}, {3, "/a", 1}}), (Counts{{3, "/a", 1}}));
  EXPECT_EQ(total.kills(), 2u);
}

TEST(KillTotal, treats_a_renamed_cgroup_as_the_same) {
  KillTotal total;
  total.update({{1, "", 0}, {2, "/a", 1}});
  EXPECT_TRUE(total.update({{1, "", 0}, {2, "/c", 1}}).empty());
  EXPECT_EQ(total.kills(), 1u);
}

TEST(KillTotal, treats_a_count_that_fell_as_that_of_a_new_cgroup) {
  KillTotal total;
  total.update({{1, "", 0}, {2, "/a", 5}});
  EXPECT_EQ(total.update({{1, "", 0}, {2, "/b", 2}}), (Counts{{2, "/b", 2}}));
  EXPECT_EQ(total.kills(), 7u);
}

TEST(KillTotal, says_when_a_group_was_killed_together) {
  KillTotal total;
  total.update({{1, "", 4, 1}});
  EXPECT_EQ(total.update({{1, "", 4, 2}}), (Counts{{1, "", 0, 1}}));
  EXPECT_EQ(total.update({{1, "", 7, 2}}), (Counts{{1, "", 3, 0}}));
}

TEST(KillCounts, are_those_of_each_cgroup_on_v1) {
  const TempFolder folder;
  const char* const text = "oom_kill_disable 0\nunder_oom 0\noom_kill ";
  folder.add_file("memory.oom_control", std::string(text) + "1\n");
  folder.add_file("a/b/memory.oom_control", std::string(text) + "2\n");
  const auto group =
      cgroupfs::Cgroup::open(folder.path(), cgroupfs::Version::v1);
  Counts counts = read_kill_counts(group, std::nullopt);
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_NE(counts[0].id, counts[1].id);
  for (KillCount& count : counts) count.id = 0;
  EXPECT_EQ(counts, (Counts{{0, "", 1}, {0, "/a/b", 2}}));
}

TEST(KillCounts, are_only_those_of_the_watched_cgroup_on_v2) {
  const TempFolder folder;
  folder.add_file("a/memory.events", "oom_kill 2\n");
  const auto group =
      cgroupfs::Cgroup::open(folder.path(), cgroupfs::Version::v2);
  cgroupfs::MemoryEvents events;
  events.oom_kill = 3;
  events.oom_group_kill = 1;
  Counts counts = read_kill_counts(group, events);
  ASSERT_EQ(counts.size(), 1u);
  counts[0].id = 0;
  EXPECT_EQ(counts, (Counts{{0, "", 3, 1}}));
  EXPECT_TRUE(read_kill_counts(group, std::nullopt).empty());
}

}  // namespace
}  // namespace lab
