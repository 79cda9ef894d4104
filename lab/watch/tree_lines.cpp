// SPDX-License-Identifier: MIT
#include "lab/watch/tree_lines.h"

#include <fmt/format.h>

#include "lab/base/visible.h"
#include "lab/report/terminal.h"
#include "lab/watch/watch_messages.h"

namespace lab {
namespace {

namespace messages = watch_messages;

/// Of a line without a terminal, whose paths are whole up to this length.
constexpr std::size_t line_columns = 160;

void write_line(const Moment& moment, const std::string& text) {
  write_stdout(fmt::format("{} {}\n", utc_time(moment.wall), text));
}

}  // namespace

void TreeLines::on_start(const TreeStart& start, CgroupTree&) {
  write_line(start.moment,
             say(language_, messages::following, visible_line(start.path),
                 number_of_cgroups(start.cgroups, language_),
                 to_string(start.version)));
  for (const std::string& gap : describe_tree_gaps(start, language_)) {
    write_line(start.moment, gap);
  }
}

void TreeLines::on_sample(const Moment& moment, CgroupTree& tree,
                          const TreeTotals& totals) {
  tree.read_usage();
  write_line(moment, describe_tree(tree, totals, language_));
  std::string text = tree_heading(language_, line_columns) + "\n";
  for (const TreeRow& row : flat_rows(tree.top(), sort_, rows_)) {
    text += tree_row(row, line_columns, true) + "\n";
  }
  if (tree.size() > rows_) {
    text += say(language_, messages::rows_left_out, tree.size() - rows_) + "\n";
  }
  write_stdout(text);
}

void TreeLines::on_kill(const Moment& moment, const TreeKill& kill) {
  write_line(moment, describe_tree_kill(kill, {language_, line_columns}));
}

void TreeLines::on_end(const TreeEnd& end, CgroupTree&) {
  for (const std::string& line : describe_tree_end(end, language_)) {
    write_line(end.moment, line);
  }
}

}  // namespace lab
