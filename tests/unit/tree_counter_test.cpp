// SPDX-License-Identifier: MIT
#include "lab/watch/tree_counter.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "lab/watch/tree.h"

namespace lab {
namespace {

using cgroupfs::Version;

/// memory.events of a cgroup, or memory.oom_control.
struct Events {
  std::uint64_t kills = 0;
  std::uint64_t own = 0;  ///< memory.events.local
  std::uint64_t groups = 0;
  std::uint64_t hits = 0;
};

/// A tree whose counters the test sets, between two readings or within one.
class TreeCounterTest : public testing::Test {
 protected:
  TreeCounterTest() { top_.path = "/t"; }

  TreeNode& grow(TreeNode& parent, const std::string& name) {
    parent.children.push_back(std::make_unique<TreeNode>());
    TreeNode& node = *parent.children.back();
    node.path = parent.path + "/" + name;
    node.parent = &parent;
    return node;
  }

  /// A kill in the cgroup at `path`, as the kernel counts it.
  void kill_in(const std::string& path, std::uint64_t count = 1) {
    events_[path].own += count;
    for (std::string each = path; each.size() > 1;
         each.resize(each.rfind('/'))) {
      events_[each].kills += count;
    }
  }

  void remove(TreeNode& node) {
    counter_->remove(node);
    std::erase_if(node.parent->children,
                  [&](const auto& each) { return each.get() == &node; });
  }

  TreeCounts read(bool is_baseline = false,
                  std::optional<std::uint64_t> host = std::nullopt,
                  bool is_root = false) {
    return counter_->read(top_, host, is_root, is_baseline);
  }

  /// "/t/a 2+1": two own kills, one that was perhaps of a removed descendant.
  static std::string text_of(const TreeCounts& counts) {
    std::string text;
    for (const CountedInTree& each : counts.cgroups) {
      text +=
          fmt::format("{} {}+{} ", each.path, each.own, each.kills - each.own);
    }
    return text;
  }

  void use(Version version) {
    counter_.emplace(
        version, TreeCounter::Files{
                     [this, version](TreeNode& node) {
                       ++reads_[node.path];
                       const Events now = events_[node.path];
                       buffer_ = version == Version::v1
                                     ? fmt::format(
                                           "oom_kill_disable 0\nunder_oom 0\n"
                                           "oom_kill {}\n",
                                           now.own)
                                     : fmt::format(
                                           "max {}\noom_kill {}\n"
                                           "oom_group_kill {}\n",
                                           now.hits, now.kills, now.groups);
                       if (after_) std::exchange(after_, nullptr)();
                       return std::optional<std::string_view>(buffer_);
                     },
                     [this](TreeNode& node) -> std::optional<std::string> {
                       if (!has_local_) return std::nullopt;
                       return fmt::format("oom_kill {}\n",
                                          events_[node.path].own);
                     }});
  }

  TreeNode top_;
  std::map<std::string, Events> events_;
  std::map<std::string, int> reads_;
  bool has_local_ = true;
  std::function<void()> after_;  ///< after the next counter was read

 private:
  std::string buffer_;
  std::optional<TreeCounter> counter_ =
      TreeCounter(Version::v2, TreeCounter::Files{});
};

class TreeCounterOnV2 : public TreeCounterTest {
 protected:
  TreeCounterOnV2() { use(Version::v2); }
};

TEST_F(TreeCounterOnV2, assigns_a_kill_to_the_cgroup_of_the_victim) {
  TreeNode& a = grow(top_, "a");
  grow(a, "b");
  read(true);
  kill_in("/t/a/b");
  EXPECT_EQ(text_of(read()), "/t/a/b 1+0 ");
  kill_in("/t/a", 2);
  EXPECT_EQ(text_of(read()), "/t/a 2+0 ");
  EXPECT_EQ(text_of(read()), "");
}

TEST_F(TreeCounterOnV2, does_not_count_what_was_before) {
  kill_in("/t/a", 3);
  TreeNode& a = grow(top_, "a");
  read(true);
  EXPECT_EQ(text_of(read()), "");
  kill_in("/t/a");
  EXPECT_EQ(text_of(read()), "/t/a 1+0 ");
  EXPECT_EQ(a.counter.kills, 4u);
}

TEST_F(TreeCounterOnV2, skips_descendants_of_an_unchanged_counter) {
  grow(top_, "a");
  read(true);
  reads_.clear();
  read();
  EXPECT_EQ(reads_["/t"], 1);
  EXPECT_EQ(reads_["/t/a"], 0);
}

/// The parent's counter has it; that of the child is gone.
TEST_F(TreeCounterOnV2, leaves_the_kill_of_a_removed_cgroup_to_its_parent) {
  TreeNode& a = grow(top_, "a");
  read(true);
  kill_in("/t/a");
  remove(a);
  EXPECT_EQ(text_of(read()), "") << "a child may not be known yet";
  EXPECT_EQ(text_of(read()), "/t 0+1 ");
  EXPECT_EQ(text_of(read()), "");
}

/// Its kill was in the parent's counter before it was discovered.
TEST_F(TreeCounterOnV2, counts_a_kill_of_an_unknown_child_once) {
  read(true);
  kill_in("/t/late");
  EXPECT_EQ(text_of(read()), "");
  grow(top_, "late");
  EXPECT_EQ(text_of(read()), "/t/late 1+0 ");
  EXPECT_EQ(text_of(read()), "");
}

/// A child that is read later may have more than its parent.
TEST_F(TreeCounterOnV2, counts_a_kill_between_two_readings_once) {
  grow(top_, "a");
  read(true);
  kill_in("/t");
  after_ = [this] { kill_in("/t/a"); };
  EXPECT_EQ(text_of(read()), "/t/a 1+0 ");
  EXPECT_EQ(text_of(read()), "/t 1+0 ");
  EXPECT_EQ(text_of(read()), "");
}

/// What a removed cgroup has counted ahead is not counted by its parent, too.
TEST_F(TreeCounterOnV2, keeps_the_debt_of_a_removed_cgroup) {
  TreeNode& a = grow(top_, "a");
  TreeNode& b = grow(a, "b");
  read(true);
  kill_in("/t");  // so that descendants are read
  int texts = 0;
  std::function<void()> count = [&] {
    // After /t and /t/a, before /t/a/b.
    if (++texts == 2) {
      kill_in("/t/a/b");
    } else {
      after_ = count;
    }
  };
  events_["/t/a"].hits = 1;
  after_ = count;
  EXPECT_EQ(text_of(read()), "/t/a/b 1+0 /t 1+0 ");
  remove(b);
  remove(a);
  EXPECT_EQ(text_of(read()), "");
  EXPECT_EQ(text_of(read()), "");
}

/// Before Linux 5.3 it is unknown which are own.
TEST_F(TreeCounterOnV2, claims_no_own_kills_without_local_events) {
  has_local_ = false;
  grow(top_, "a");
  read(true);
  kill_in("/t/a");
  EXPECT_EQ(text_of(read()), "");
  EXPECT_EQ(text_of(read()), "/t/a 0+1 ");
}

TEST_F(TreeCounterOnV2, names_the_group_that_was_killed_together) {
  TreeNode& a = grow(top_, "a");
  grow(a, "b");
  read(true);
  kill_in("/t/a/b", 5);
  events_["/t/a"].groups = events_["/t"].groups = 1;
  const TreeCounts counts = read();
  EXPECT_EQ(text_of(counts), "/t/a/b 5+0 ");
  EXPECT_EQ(counts.groups, std::vector<std::string>{"/t/a"});
}

/// The root has no counter: that of the host may be ahead of all others.
TEST_F(TreeCounterOnV2, takes_the_host_for_the_root) {
  top_.path = "/";
  TreeNode& a = grow(top_, "a");
  a.path = "/a";
  read(true, 0, true);
  EXPECT_EQ(text_of(read(false, 1, true)), "");
  kill_in("/a");
  EXPECT_EQ(text_of(read(false, 0, true)), "/a 1+0 ");
  EXPECT_EQ(text_of(read(false, 0, true)), "");
  EXPECT_FALSE(top_.limit_hits);
}

TEST_F(TreeCounterOnV2, counts_limit_hits) {
  read(true);
  EXPECT_EQ(top_.limit_hits, 0u);
  events_["/t"].hits = 7;
  read();
  EXPECT_EQ(top_.limit_hits, 7u);
}

class TreeCounterOnV1 : public TreeCounterTest {
 protected:
  TreeCounterOnV1() { use(Version::v1); }
};

TEST_F(TreeCounterOnV1, counts_in_each_cgroup) {
  TreeNode& a = grow(top_, "a");
  grow(a, "b");
  kill_in("/t/a");
  read(true);
  kill_in("/t/a/b", 2);
  kill_in("/t");
  EXPECT_EQ(text_of(read()), "/t 1+0 /t/a/b 2+0 ");
  EXPECT_EQ(text_of(read()), "");
}

}  // namespace
}  // namespace lab
