// SPDX-License-Identifier: MIT
#include "lab/watch/tree_live.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lab/base/visible.h"
#include "lab/report/text_width.h"
#include "lab/watch/watch_live.h"
#include "lab/watch/watch_messages.h"

namespace lab {
namespace {

namespace messages = watch_messages;

/// Above and below the rows, and the line of the cursor.
constexpr std::size_t other_lines = 5;

}  // namespace

TreeLive::TreeLive(const Terminal& terminal, Language language, TreeSort sort,
                   std::size_t rows)
    : terminal_(terminal), language_(language), sort_(sort), most_rows_(rows) {}

/// The last column stays free: some terminals wrap when it is filled.
std::size_t TreeLive::columns() const {
  return std::max(terminal_.width(), 2u) - 1;
}

void TreeLive::on_start(const TreeStart& start, CgroupTree& tree) {
  path_ = start.path;
  selected_id_ = tree.top().id;
  for (const std::string& gap : describe_tree_gaps(start, language_)) {
    events_ += event_lines(terminal_, columns(), start.moment, gap, false);
  }
}

void TreeLive::on_sample(const Moment& moment, CgroupTree& tree,
                         const TreeTotals& totals) {
  moment_ = moment;
  totals_ = totals;
  path_ = tree.top().path;
  keyboard_.renew();
  tree.read_usage();
  redraw(tree);
}

/// Drawn at the next sample: there may be hundreds in a second.
void TreeLive::on_kill(const Moment& moment, const TreeKill& kill) {
  events_ += event_lines(
      terminal_, columns(), moment,
      describe_tree_kill(kill, {language_, event_columns(columns()), path_}),
      true);
}

void TreeLive::on_end(const TreeEnd& end, CgroupTree& tree) {
  moment_ = end.moment;
  totals_ = end.totals;
  redraw(tree);
  std::string text;
  for (const std::string& line : describe_tree_end(end, language_)) {
    text += event_lines(terminal_, columns(), end.moment, line, false);
  }
  write_stdout(text);
}

bool TreeLive::on_input(CgroupTree& tree) {
  for (const int key : keyboard_.take()) {
    rows_ = tree_rows(tree.top(), sort_, folded_);
    if (!press(key)) return false;
  }
  redraw(tree);
  return true;
}

bool TreeLive::press(int key) {
  const auto page =
      static_cast<std::ptrdiff_t>(terminal_.height() > other_lines + 1
                                      ? terminal_.height() - other_lines - 1
                                      : 1);
  switch (key) {
    case 'q':
      return false;
    case 'u':
      sort_ = TreeSort::usage;
      break;
    case 'p':
      sort_ = TreeSort::pressure;
      break;
    case 'k':
      sort_ = TreeSort::kills;
      break;
    case TypedKey::up:
      move(-1);
      break;
    case TypedKey::down:
      move(1);
      break;
    case TypedKey::page_up:
      move(-page);
      break;
    case TypedKey::page_down:
      move(page);
      break;
    case TypedKey::left:
      fold(true);
      break;
    case TypedKey::right:
      fold(false);
      break;
    case ' ':
    case '\n':
    case '\r':
      fold(!folded_.contains(selected_id_));
      break;
    default:
      break;
  }
  return true;
}

/// The selection follows its cgroup, not its place.
std::size_t TreeLive::selected_row() const {
  const auto place = std::find_if(
      rows_.begin(), rows_.end(),
      [&](const TreeRow& row) { return row.node->id == selected_id_; });
  return place == rows_.end() ? std::min(selected_, rows_.size() - 1)
                              : static_cast<std::size_t>(place - rows_.begin());
}

void TreeLive::move(std::ptrdiff_t by) {
  if (rows_.empty()) return;
  const auto last = static_cast<std::ptrdiff_t>(rows_.size()) - 1;
  const auto now = static_cast<std::ptrdiff_t>(selected_row()) + by;
  selected_ =
      static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(now, 0, last));
  selected_id_ = rows_[selected_].node->id;
}

void TreeLive::fold(bool is_folded) {
  if (is_folded) {
    folded_.insert(selected_id_);
  } else {
    folded_.erase(selected_id_);
  }
}

void TreeLive::redraw(CgroupTree& tree) {
  const std::string erased = erase();
  const std::string events = std::exchange(events_, {});
  write_stdout(erased + events + draw(tree));
}

/// Chooses the rows that are shown: `shown` at most, the selected one among
/// them.
void TreeLive::scroll(std::size_t shown) {
  first_ = std::min(first_, selected_);
  if (selected_ >= first_ + shown) first_ = selected_ - shown + 1;
  if (first_ + shown > rows_.size()) {
    first_ = rows_.size() - std::min(rows_.size(), shown);
  }
}

/// How many rows are `hidden`, and the keys, as far as they fit.
std::string TreeLive::foot(std::size_t hidden) const {
  std::string text =
      hidden > 0 ? say(language_, messages::rows_left_out, hidden) : "";
  if (keyboard_.fd() < 0) return text;
  if (!text.empty()) text += "  ";
  const std::string_view keys = messages::keys.text(language_);
  const bool fits = display_width(text) + display_width(keys) <= columns();
  text += fits ? keys : messages::short_keys.text(language_);
  return text;
}

std::string TreeLive::draw(CgroupTree& tree) {
  rows_ = tree_rows(tree.top(), sort_, folded_);
  selected_ = selected_row();
  selected_id_ = rows_[selected_].node->id;
  const std::size_t height = terminal_.height();
  const std::size_t room =
      std::max<std::size_t>(height - std::min(height, other_lines), 1);
  const std::size_t shown = most_rows_ > 0 ? std::min(room, most_rows_) : room;
  scroll(shown);
  std::vector<std::string> lines;
  std::vector<std::size_t> widths;
  const auto add = [&](std::string_view text, bool is_dim) {
    const std::string part(cut_to(text, columns()));
    widths.push_back(display_width(part));
    lines.push_back(is_dim ? terminal_.dim(part) : part);
  };
  add(fmt::format("{}  {}", describe_tree(tree, totals_, language_),
                  human_seconds(moment_.elapsed)),
      false);
  add(marked_heading(language_, columns()), true);
  const std::size_t end = std::min(rows_.size(), first_ + shown);
  for (std::size_t i = first_; i < end; ++i) add_row(rows_[i], lines, widths);
  const std::string last = foot(rows_.size() - (end - first_));
  if (!last.empty()) add(last, true);
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  drawn_ = std::move(widths);
  return text;
}

void TreeLive::add_row(const TreeRow& row, std::vector<std::string>& lines,
                       std::vector<std::size_t>& widths) const {
  const bool is_selected = keyboard_.fd() >= 0 && row.node->id == selected_id_;
  const std::string whole = marked_row(row, columns(), is_selected);
  const std::string line(cut_to(whole, columns()));
  widths.push_back(display_width(line));
  if (is_selected) {
    lines.push_back(terminal_.inverse(line));
  } else {
    lines.push_back(row.node->kills > 0 ? terminal_.red(line) : line);
  }
}

std::string TreeLive::erase() const {
  std::size_t rows = 0;
  for (const std::size_t line : drawn_) rows += terminal_.rows_of(line);
  return clear_from_above(rows);
}

}  // namespace lab
