// SPDX-License-Identifier: MIT
#include "lab/watch/tree_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "lab/base/visible.h"
#include "lab/report/text_width.h"
#include "lab/watch/watch_messages.h"
#include "lab/watch/watch_text.h"

namespace lab {
namespace {

namespace messages = watch_messages;

/// Below this width two columns are left out.
constexpr std::size_t full_width = 72;
constexpr std::size_t size_width = 10;
constexpr std::size_t count_width = 6;
constexpr std::size_t least_name = 8;

double pressure_of(const TreeNode& node) {
  return node.pressure ? node.pressure->some.avg10 : -1;
}

/// What is unknown comes last.
std::tuple<double, double, double> rank(const TreeNode& node, TreeSort sort) {
  const double usage = node.usage ? static_cast<double>(node.usage->count) : -1;
  const auto kills = static_cast<double>(node.kills);
  switch (sort) {
    case TreeSort::pressure:
      return {pressure_of(node), usage, kills};
    case TreeSort::kills:
      return {kills, usage, 0};
    case TreeSort::usage:
      break;
  }
  return {usage, kills, 0};
}

bool comes_first(const TreeNode& one, const TreeNode& other, TreeSort sort) {
  const auto a = rank(one, sort);
  const auto b = rank(other, sort);
  return a != b ? a > b : one.path < other.path;
}

void add_rows(const TreeNode& node, std::size_t depth, TreeSort sort,
              const std::set<ino_t>& folded, std::vector<TreeRow>& rows) {
  const bool is_folded = folded.contains(node.id) && !node.children.empty();
  rows.push_back({&node, depth, is_folded});
  if (is_folded) return;
  std::vector<const TreeNode*> children;
  for (const auto& child : node.children) children.push_back(child.get());
  std::sort(children.begin(), children.end(),
            [&](const TreeNode* one, const TreeNode* other) {
              return comes_first(*one, *other, sort);
            });
  for (const TreeNode* const child : children) {
    add_rows(*child, depth + 1, sort, folded, rows);
  }
}

void add_all(const TreeNode& node, std::vector<TreeRow>& rows) {
  rows.push_back({&node, 0, false});
  for (const auto& child : node.children) add_all(*child, rows);
}

/// Right-aligned; wide characters count twice.
std::string cell(std::string_view text, std::size_t width) {
  const std::size_t used = std::min(display_width(text), width);
  return std::string(width - used, ' ') + std::string(text) + " ";
}

/// Counters of long watches are larger than a column.
std::string count_text(std::uint64_t count) {
  if (count < 1000000) return std::to_string(count);
  if (count < 1000000000) return fmt::format("{}M", count / 1000000);
  return fmt::format("{}G", count / 1000000000);
}

struct Cells {
  std::string usage;
  std::string limit;
  std::string processes;
  std::string hits;
  std::string pressure;
  std::string kills;
};

std::string line_of(const Cells& cells, std::size_t columns) {
  std::string line = cell(cells.usage, size_width);
  if (columns >= full_width) line += cell(cells.limit, size_width);
  line += cell(cells.processes, count_width);
  if (columns >= full_width) line += cell(cells.hits, count_width);
  line += cell(cells.pressure, count_width) + cell(cells.kills, count_width);
  return line + " ";
}

std::string number(std::uint64_t count, const Message& one, const Message& many,
                   Language language) {
  return count == 1 ? say(language, one) : say(language, many, count);
}

std::string path_text(const std::string& path, const TreePaths& paths) {
  std::string shown = path;
  const bool is_inside = !paths.top.empty() && paths.top != "/" &&
                         path != paths.top && is_in_tree(path, paths.top);
  if (is_inside) shown = path.substr(paths.top.size() + 1);
  return shortened_path(visible_line(shown), paths.columns);
}

}  // namespace

std::vector<TreeRow> tree_rows(const TreeNode& top, TreeSort sort,
                               const std::set<ino_t>& folded) {
  std::vector<TreeRow> rows;
  add_rows(top, 0, sort, folded, rows);
  return rows;
}

std::vector<TreeRow> flat_rows(const TreeNode& top, TreeSort sort,
                               std::size_t most) {
  std::vector<TreeRow> rows;
  add_all(top, rows);
  const auto end =
      rows.begin() + static_cast<std::ptrdiff_t>(std::min(most, rows.size()));
  std::partial_sort(rows.begin(), end, rows.end(),
                    [&](const TreeRow& one, const TreeRow& other) {
                      return comes_first(*one.node, *other.node, sort);
                    });
  rows.erase(end, rows.end());
  return rows;
}

std::string tree_heading(Language language, std::size_t columns) {
  const auto text = [&](const Message& message) {
    return std::string(message.text(language));
  };
  return line_of(
             {text(messages::usage_column), text(messages::limit_column),
              text(messages::processes_column), text(messages::hits_column),
              text(messages::pressure_column), text(messages::kills_column)},
             columns) +
         text(messages::cgroup_column);
}

std::string tree_row(const TreeRow& row, std::size_t columns, bool with_path) {
  const TreeNode& node = *row.node;
  std::string line =
      line_of({node.usage ? human_size(*node.usage) : "-",
               node.limit ? human_limit(*node.limit) : "-",
               node.processes ? count_text(*node.processes) : "-",
               node.limit_hits ? count_text(*node.limit_hits) : "-",
               node.pressure ? fmt::format("{:.1f}", pressure_of(node)) : "-",
               node.counts_kills() ? count_text(node.kills) : "-"},
              columns);
  const std::size_t room =
      std::max(columns - std::min(columns, display_width(line)), least_name);
  if (with_path) return line + shortened_path(visible_line(node.path), room);
  const char* const mark = node.children.empty() ? "  "
                           : row.is_folded       ? "+ "
                                                 : "- ";
  const std::size_t indent = std::min(2 * row.depth, room - least_name);
  const std::string_view name = row.depth == 0 ? node.path : node.name();
  return line + std::string(indent, ' ') + mark +
         shortened_path(visible_line(name), room - indent - 2);
}

std::string number_of_cgroups(std::uint64_t count, Language language) {
  return number(count, messages::one_cgroup, messages::cgroups, language);
}

std::string marked_heading(Language language, std::size_t columns) {
  return " " + tree_heading(language, columns - 1);
}

std::string marked_row(const TreeRow& row, std::size_t columns,
                       bool is_selected) {
  return (is_selected ? ">" : " ") + tree_row(row, columns - 1, false);
}

std::string describe_tree(const CgroupTree& tree, const TreeTotals& totals,
                          Language language) {
  const auto& processes = tree.top().processes;
  std::string kills = number_of_kills(totals.kills, language);
  if (totals.unplaced > 0) {
    kills = say(language, messages::unplaced, kills, totals.unplaced);
  }
  return say(language, messages::tree_totals,
             number_of_cgroups(tree.size(), language),
             processes ? number(*processes, messages::one_process,
                                messages::number_of_processes, language)
                       : say(language, messages::unknown_processes),
             kills);
}

std::string describe_tree_kill(const TreeKill& kill, const TreePaths& paths) {
  const Language language = paths.language;
  std::string place = path_text(kill.place.path, paths);
  if (!kill.place.exact) place = say(language, messages::or_removed, place);
  if (!kill.victim) {
    const std::string reason =
        kill.victim_absent_because.value_or(messages::no_reason).in(language);
    return kill.count == 1
               ? say(language, messages::unknown_victim_in, place, reason)
               : say(language, messages::unknown_victims_in, place, reason,
                     kill.count);
  }
  const Victim& victim = *kill.victim;
  const std::string name = visible_line(victim.name);
  if (victim.constraint == "CONSTRAINT_NONE") {
    return say(language, messages::kill_in_by_host, victim.pid, name, place);
  }
  if (!kill.limit_of) {
    return say(language, messages::kill_in, victim.pid, name, place);
  }
  if (kill.place.exact && *kill.limit_of == kill.place.path) {
    return say(language, messages::kill_in_at_own_limit, victim.pid, name,
               place);
  }
  return say(language, messages::kill_in_at_limit, victim.pid, name, place,
             path_text(*kill.limit_of, paths));
}

std::vector<std::string> describe_tree_gaps(const TreeStart& start,
                                            Language language) {
  std::vector<std::string> gaps;
  add_gap_line(messages::no_victims, start.victims_absent_because, language,
               gaps);
  add_gap_line(messages::kills_missed, start.kills_missed_because, language,
               gaps);
  add_gap_line(messages::cgroups_missed, start.cgroups_missed_because, language,
               gaps);
  return gaps;
}

std::vector<std::string> describe_tree_end(const TreeEnd& end,
                                           Language language) {
  const TreeTotals& totals = end.totals;
  WatchEnd reason;
  reason.reason = end.reason;
  reason.signal = end.signal;
  std::vector<std::string> lines{
      say(language, messages::tree_summary, end_clause(reason, language),
          number_of_kills(totals.kills, language),
          number_of_cgroups(totals.created, language),
          human_seconds(end.moment.elapsed),
          number_of_samples(totals.samples, language))};
  if (totals.kills > 0) {
    lines.push_back(say(language, messages::attributed, totals.with_cgroup,
                        totals.with_victim));
  }
  if (totals.unplaced > 0) {
    lines.push_back(say(language, messages::unplaced_kills, totals.unplaced));
  }
  return lines;
}

}  // namespace lab
