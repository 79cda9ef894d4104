// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lab/base/enum_words.h"
#include "lab/base/language.h"
#include "lab/watch/tree_watcher.h"

/// The table of a followed tree: pure functions of its readings.
namespace lab {

/// By what the cgroups are sorted, largest first; equal ones by name.
enum class TreeSort { usage, pressure, kills };

template <>
struct EnumWords<TreeSort> {
  static constexpr auto table =
      enum_words<TreeSort>({{TreeSort::usage, "usage"},
                            {TreeSort::pressure, "pressure"},
                            {TreeSort::kills, "kills"}});
};

/// A row of the table.
struct TreeRow {
  const TreeNode* node = nullptr;
  std::size_t depth = 0;  ///< below the top
  bool is_folded = false;
};

/// The cgroups as a tree: siblings sorted, descendants of a folded cgroup (by
/// its id) left out.
std::vector<TreeRow> tree_rows(const TreeNode& top, TreeSort sort,
                               const std::set<ino_t>& folded);

/// The first `most` of all cgroups as a list.
std::vector<TreeRow> flat_rows(const TreeNode& top, TreeSort sort,
                               std::size_t most);

/// The heading and the row, without the end of the line: what has a column in
/// `columns`; the name of the cgroup is shortened to fit.
std::string tree_heading(Language language, std::size_t columns);
/// `with_path`: the whole path, else the name, indented by its depth.
std::string tree_row(const TreeRow& row, std::size_t columns, bool with_path);
/// The same of a table of which a row can be selected: with a column for its
/// mark, and the name.
std::string marked_heading(Language language, std::size_t columns);
std::string marked_row(const TreeRow& row, std::size_t columns,
                       bool is_selected);

/// "12 cgroups".
std::string number_of_cgroups(std::uint64_t count, Language language);
/// "12 cgroups, 30 processes, 2 OOM kills".
std::string describe_tree(const CgroupTree& tree, const TreeTotals& totals,
                          Language language);
/// How paths of a tree are written.
struct TreePaths {
  Language language = Language::en;
  std::size_t columns = 60;  ///< longer ones are shortened
  std::string top = "";      ///< they are relative to it; empty: whole
};

/// "OOM kill of pid 12 (hog) in a/b, at the limit of a".
std::string describe_tree_kill(const TreeKill& kill, const TreePaths& paths);
/// What cannot be seen here, a line each.
std::vector<std::string> describe_tree_gaps(const TreeStart& start,
                                            Language language);
/// The last lines of a watch.
std::vector<std::string> describe_tree_end(const TreeEnd& end,
                                           Language language);

}  // namespace lab
