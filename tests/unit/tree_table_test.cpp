// SPDX-License-Identifier: MIT
#include "lab/watch/tree_table.h"

#include <gtest/gtest.h>

#include <csignal>

#include "lab/report/text_width.h"
#include "lab/watch/metrics.h"
#include "lab/watch/tree_json.h"
#include "tests/support/error_text.h"
#include "tests/support/matches.h"

namespace lab {
namespace {

using Names = std::vector<std::string>;

/// A cgroup below `parent`.
TreeNode& grow(TreeNode& parent, const std::string& name, ino_t id,
               std::uint64_t usage, std::uint64_t kills = 0) {
  parent.children.push_back(std::make_unique<TreeNode>());
  TreeNode& node = *parent.children.back();
  node.path = (parent.path == "/" ? "" : parent.path) + "/" + name;
  node.id = id;
  node.parent = &parent;
  node.usage = Bytes{usage};
  node.kills = kills;
  node.counter.is_read = true;
  return node;
}

cgroupfs::Pressure stalled(double percent) {
  cgroupfs::Pressure pressure;
  pressure.some.avg10 = percent;
  return pressure;
}

class TreeTable : public testing::Test {
 protected:
  TreeTable() {
    top_.path = "/";
    top_.id = 1;
    TreeNode& web = grow(top_, "web", 2, 100 * mebi, 1);
    grow(web, "api", 3, 60 * mebi).pressure = stalled(1);
    grow(web, "static", 4, 40 * mebi, 1).pressure = stalled(7.5);
    grow(top_, "batch", 5, 300 * mebi);
  }

  static Names names(const std::vector<TreeRow>& rows) {
    Names names;
    for (const TreeRow& row : rows) names.emplace_back(row.node->name());
    return names;
  }

  TreeNode top_;
};

TEST_F(TreeTable, sorts_siblings) {
  EXPECT_EQ(names(tree_rows(top_, TreeSort::usage, {})),
            (Names{"/", "batch", "web", "api", "static"}));
  EXPECT_EQ(names(tree_rows(top_, TreeSort::kills, {})),
            (Names{"/", "web", "static", "api", "batch"}));
  EXPECT_EQ(names(tree_rows(top_, TreeSort::pressure, {})),
            (Names{"/", "batch", "web", "static", "api"}));
}

TEST_F(TreeTable, folds_a_cgroup) {
  const auto rows = tree_rows(top_, TreeSort::usage, {2, 5});
  EXPECT_EQ(names(rows), (Names{"/", "batch", "web"}));
  EXPECT_TRUE(rows[2].is_folded);
  EXPECT_FALSE(rows[1].is_folded) << "it has no children";
}

TEST_F(TreeTable, lists_the_largest_of_all) {
  EXPECT_EQ(names(flat_rows(top_, TreeSort::usage, 2)),
            (Names{"batch", "web"}));
  EXPECT_EQ(names(flat_rows(top_, TreeSort::pressure, 1)), Names{"static"});
  EXPECT_EQ(flat_rows(top_, TreeSort::kills, 99).size(), 5u);
}

TEST_F(TreeTable, fits_every_row_into_the_width) {
  grow(top_, std::string(200, 'x'), 6, 1);
  for (const std::size_t columns : {60u, 80u, 160u}) {
    for (const TreeRow& row : tree_rows(top_, TreeSort::usage, {})) {
      EXPECT_LE(display_width(tree_row(row, columns, false)), columns);
      EXPECT_LE(display_width(tree_row(row, columns, true)), columns);
    }
    EXPECT_LE(display_width(tree_heading(Language::en, columns)), columns);
  }
}

/// A size of ten characters begins in its first column.
TEST_F(TreeTable, marks_the_selected_row_in_a_column_of_its_own) {
  TreeNode& large = grow(top_, std::string(200, 'x'), 6, 1062075000);
  const TreeRow row{&large, 1, false};
  for (const std::size_t columns : {60u, 80u, 160u}) {
    const std::string line = marked_row(row, columns, true);
    EXPECT_TRUE(line.starts_with(">1012.9 MiB ")) << line;
    EXPECT_TRUE(marked_row(row, columns, false).starts_with(" 1012.9 MiB "));
    EXPECT_LE(display_width(line), columns);
    const std::string heading = marked_heading(Language::en, columns);
    EXPECT_LE(display_width(heading), columns);
    EXPECT_TRUE(heading.starts_with("      USAGE ")) << heading;
  }
}

TEST_F(TreeTable, shows_what_is_unknown_as_a_dash) {
  top_.usage.reset();
  const std::string row = tree_row({&top_, 0, false}, 80, true);
  EXPECT_TRUE(has(row, "        -          -      -      -      -      0  /"))
      << row;
}

TEST_F(TreeTable, shows_names_from_outside_escaped) {
  TreeNode& odd = grow(top_, "a\nb\x1b[2J", 7, 1);
  EXPECT_TRUE(has(tree_row({&odd, 1, false}, 160, true), "/a\\x0ab\\x1b[2J"));
  EXPECT_EQ(label_value(odd.path), "/a\\\\x0ab\\\\x1b[2J");
}

TEST(LabelValue, escapes_as_the_text_form_wants_it) {
  EXPECT_EQ(label_value("/a\"b\\c"), "/a\\\"b\\\\c");
  EXPECT_EQ(label_value("/\xff"), "/\\\\xff") << "not UTF-8";
}

TreeKill kill_of(const char* task, const char* oom) {
  TreeKill kill;
  kill.place = {"/a/b", true, PlaceSource::kernel_log};
  kill.victim.emplace();
  kill.victim->pid = 12;
  kill.victim->name = "hog";
  kill.victim->task_memcg = task;
  if (oom) kill.limit_of = oom;
  return kill;
}

TEST(DescribeTreeKill, says_whose_limit_it_was) {
  const TreePaths paths{Language::en, 60, "/a"};
  EXPECT_EQ(describe_tree_kill(kill_of("/a/b", "/a/b"), paths),
            "OOM kill of pid 12 (hog) in b, at its own limit");
  EXPECT_EQ(describe_tree_kill(kill_of("/a/b", "/a"), paths),
            "OOM kill of pid 12 (hog) in b, at the limit of /a");
  EXPECT_EQ(describe_tree_kill(kill_of("/a/b", nullptr), {}),
            "OOM kill of pid 12 (hog) in /a/b");
}

TEST(DescribeTreeKill, says_what_is_not_known) {
  TreeKill kill;
  kill.count = 3;
  kill.place = {"/a", false, PlaceSource::counter};
  constexpr Message late("the log is late", "日志迟到");
  kill.victim_absent_because = late;
  EXPECT_EQ(describe_tree_kill(kill, {}),
            "3 OOM kills in /a or a child that was removed, victims unknown: "
            "the log is late");
  EXPECT_TRUE(has_chinese(describe_tree_kill(kill, {Language::zh, 60})));
}

TEST(DescribeTreeEnd, says_how_much_is_attributed) {
  TreeEnd end;
  end.reason = WatchEndReason::interrupted;
  end.signal = SIGINT;
  end.totals = {10, 9, 8, 2, 30, 4};
  EXPECT_EQ(describe_tree_end(end, Language::en),
            (Names{"interrupted by SIGINT: 10 OOM kills, 30 cgroups created, "
                   "0.0 s, 4 samples",
                   "cgroup known for 9 of them, victim for 8",
                   "2 more on this host, perhaps in a cgroup of this tree that "
                   "was removed (unplaced)"}));
}

}  // namespace
}  // namespace lab
