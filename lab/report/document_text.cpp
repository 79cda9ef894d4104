// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "cgroupfs/text.h"
#include "lab/base/units.h"
#include "lab/base/visible.h"
#include "lab/report/bar.h"
#include "lab/report/chart.h"
#include "lab/report/document.h"
#include "lab/report/layout.h"
#include "lab/report/text_width.h"

namespace lab {
namespace {

using Row = std::vector<std::string>;

/// Between two columns of a table.
constexpr std::size_t gap = 2;
constexpr std::string_view margin = "  ";

/// A text of `columns`: punctuation behind a path stays on its line.
std::string for_terminal(std::string_view text, std::size_t columns) {
  constexpr std::size_t punctuation = 2;
  return plain_text(text, columns - punctuation);
}

std::vector<std::size_t> natural_widths(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  }
  return widths;
}

/// The width of the widest word of `text`, which is not cut.
std::size_t widest_word(std::string_view text) {
  std::size_t widest = 0;
  while (!text.empty()) {
    widest = std::max(widest, display_width(take_line(text, 1)));
  }
  return widest;
}

std::vector<std::size_t> least_widths(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], widest_word(row[i]));
    }
  }
  return widths;
}

/// Narrows the widest column that can shrink, until the table fits.
std::vector<std::size_t> fitting_widths(const std::vector<Row>& rows,
                                        std::size_t available) {
  std::vector<std::size_t> widths = natural_widths(rows);
  const std::vector<std::size_t> least = least_widths(rows);
  std::size_t total = margin.size() + gap * (widths.size() - 1);
  for (const std::size_t width : widths) total += width;
  for (; total > available; --total) {
    std::size_t* widest = nullptr;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const bool wider = !widest || widths[i] > *widest;
      if (widths[i] > least[i] && wider) widest = &widths[i];
    }
    if (!widest) break;
    --*widest;
  }
  return widths;
}

/// The lines that one cell takes.
std::vector<std::string> wrapped_cell(std::string_view text,
                                      std::size_t width) {
  std::vector<std::string> lines;
  do {
    lines.emplace_back(take_line(text, width));
  } while (!text.empty());
  return lines;
}

void add_row(const Row& row, const std::vector<std::size_t>& widths, bool head,
             const Terminal& terminal, Layout& layout) {
  std::vector<std::vector<std::string>> cells;
  std::size_t height = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    cells.push_back(wrapped_cell(row[i], widths[i]));
    height = std::max(height, cells.back().size());
  }
  for (std::size_t part = 0; part < height; ++part) {
    std::string line(margin);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string& text =
          part < cells[i].size() ? cells[i][part] : std::string();
      const bool last = i + 1 == cells.size();
      line += last ? text : padded(text, widths[i] + gap);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    layout.line(head ? terminal.bold(line) : line);
  }
}

/// A path in a cell does not widen its column further; where the table does not
/// fit then, the next one.
constexpr std::size_t widest_paths[] = {40, 34, 28, 22};

/// Where the columns of a wide table do not fit beside each other: as many at a
/// time as fit, each time after the first column, which names the rows.
std::vector<std::vector<Row>> parts_of(const std::vector<Row>& rows,
                                       std::size_t available) {
  constexpr std::size_t most_together = 3;
  const std::vector<std::size_t> least = least_widths(rows);
  if (least.size() <= most_together) return {rows};
  std::vector<std::vector<Row>> parts;
  std::size_t total = available;
  for (std::size_t i = 1; i < least.size(); ++i) {
    total += gap + least[i];
    if (total > available) {
      parts.emplace_back();
      for (const Row& row : rows) parts.back().push_back({row.front()});
      total = margin.size() + least.front() + gap + least[i];
    }
    for (std::size_t j = 0; j < rows.size(); ++j) {
      parts.back()[j].push_back(rows[j][i]);
    }
  }
  return parts;
}

bool fit(const std::vector<std::size_t>& widths, std::size_t available) {
  std::size_t total = margin.size() + gap * (widths.size() - 1);
  for (const std::size_t width : widths) total += width;
  return total <= available;
}

std::vector<Row> with_paths_of(std::size_t widest, std::vector<Row> rows) {
  for (Row& row : rows) {
    for (std::string& cell : row) {
      cell = visible_line(plain_text(cell, widest));
    }
  }
  return rows;
}

/// The cells as they are shown: with the longest paths that leave the others on
/// one line, else those that leave all columns beside each other.
std::vector<Row> shown_cells(const std::vector<Row>& rows,
                             std::size_t available) {
  for (const auto widths_of : {natural_widths, least_widths}) {
    for (const std::size_t widest : widest_paths) {
      std::vector<Row> shown = with_paths_of(widest, rows);
      if (fit(widths_of(shown), available)) return shown;
    }
  }
  return with_paths_of(*std::rbegin(widest_paths), rows);
}

void add_table(const std::vector<Row>& rows, const Terminal& terminal,
               Layout& layout) {
  bool first = true;
  for (const std::vector<Row>& part :
       parts_of(shown_cells(rows, layout.width()), layout.width())) {
    if (!first) layout.line("");
    first = false;
    const auto widths = fitting_widths(part, layout.width());
    for (std::size_t i = 0; i < part.size(); ++i) {
      add_row(part[i], widths, i == 0, terminal, layout);
    }
  }
}

void add_commands(const std::string& text, std::size_t indent, Layout& layout) {
  for (const std::string_view line : cgroupfs::split_lines(text)) {
    layout.line(fmt::format("{:{}}{}", "", indent, visible(line)));
  }
}

constexpr std::size_t chart_height = 5;
constexpr std::size_t widest_chart = 60;
constexpr std::size_t chart_label = 12;
constexpr std::size_t least_samples = 8;

/// What the top row of a chart stands for: a limit, if the usage is below it.
struct Top {
  double value = 0;
  bool is_limit = false;
};

Top top_of(const Chart& chart) {
  Top top;
  for (const Series& series : chart.series) {
    for (const double value : series.values) {
      top.value = std::max(top.value, value);
    }
  }
  for (const Level& level : chart.levels) {
    if (!level.is_hard || level.value < top.value) continue;
    top = {level.value, true};
  }
  return top;
}

void add_series(const Series& series, const std::string& title, const Top& top,
                Layout& layout) {
  const std::size_t room =
      layout.width() > chart_label + 4 ? layout.width() - chart_label - 4 : 1;
  const std::size_t width = std::min(room, widest_chart);
  std::vector<std::uint64_t> values(series.values.begin(), series.values.end());
  const auto highest = static_cast<std::uint64_t>(top.value);
  const auto lines = draw_chart(series.time_ns, values, highest, width,
                                chart_height, locale_is_utf8());
  layout.section(title);
  for (std::size_t row = 0; row < lines.size(); ++row) {
    const std::string label = row == 0 ? human_size(Bytes{highest})
                              : row + 1 == chart_height ? "0"
                                                        : "";
    layout.line(fmt::format("{:>{}} |{}", label, chart_label, lines[row]));
  }
  const std::string end =
      human_ms(nanoseconds(series.time_ns.back() - series.time_ns.front()));
  layout.line(fmt::format("{:>{}} 0{:>{}}", top.is_limit ? "(limit)" : "",
                          chart_label, end, width));
}

/// Charts of other units, and stacked ones, need colours and room.
void add_chart(const Chart& chart, Layout& layout) {
  if (chart.unit != Chart::Unit::bytes || chart.stacked) return;
  const Top top = top_of(chart);
  for (const Series& series : chart.series) {
    if (series.time_ns.size() < least_samples) continue;
    const bool is_only = chart.series.size() == 1;
    std::string title =
        is_only ? chart.title : fmt::format("{}: {}", chart.title, series.name);
    for (const Level& level : chart.levels) {
      if (level.is_hard) continue;
      title += fmt::format(" ({})", level.name);
    }
    add_series(series, title, top, layout);
  }
}

std::string painted(const std::string& text, Tone tone,
                    const Terminal& terminal) {
  if (tone == Tone::good) return terminal.green(text);
  return tone == Tone::bad ? terminal.red(text) : terminal.bold(text);
}

/// In front of a check.
std::string mark_of(Tone tone, const Terminal& terminal) {
  const bool unicode = locale_is_utf8();
  if (tone == Tone::good) return terminal.green(unicode ? "\u2713" : "+");
  if (tone == Tone::bad) return terminal.red(unicode ? "\u2717" : "x");
  if (tone == Tone::unknown) return "?";
  return unicode ? "\u2013" : "-";
}

void add_check(const Block& block, const std::string& text,
               const Terminal& terminal, Layout& layout) {
  constexpr std::size_t columns = 4;
  layout.hanging(fmt::format("  {} ", mark_of(block.tone, terminal)), columns,
                 text);
  if (!block.detail.empty()) {
    constexpr std::string_view indent = "      ";
    layout.hanging(indent,
                   for_terminal(block.detail, layout.width() - indent.size()));
  }
}

/// Below a check, in the column of its detail.
void add_hint(const Block& block, const std::string& text, Layout& layout) {
  layout.hanging("      ", text);
  add_commands(block.detail, 10, layout);
}

void add_block(const Block& block, const Terminal& terminal, Layout& layout) {
  constexpr std::size_t indent = 6;  // the deepest, of a hint
  const std::string text = for_terminal(block.text, layout.width() - indent);
  switch (block.kind) {
    case Block::Kind::title:
    case Block::Kind::section:
      return layout.line(terminal.bold(visible_line(text)));
    case Block::Kind::paragraph:
      return layout.paragraph(text);
    case Block::Kind::item:
      return layout.hanging("  - ", text);
    case Block::Kind::question:
      return layout.hanging("  ? ", text);
    case Block::Kind::commands:
      return add_commands(block.text, 4, layout);
    case Block::Kind::headline:
      return layout.line(painted(visible_line(text), block.tone, terminal));
    case Block::Kind::fields:
      for (const Row& row : block.rows) {
        layout.row(row[0], for_terminal(row[1], layout.value_columns(row[0])));
      }
      return;
    case Block::Kind::check:
      return add_check(block, text, terminal, layout);
    case Block::Kind::hint:
      return add_hint(block, text, layout);
    case Block::Kind::table:
      return add_table(block.rows, terminal, layout);
    case Block::Kind::chart:
      return add_chart(*block.plot, layout);
  }
}

/// A heading and its content, the items of a list, a verdict and its reason.
bool is_adjacent(const Block& before, const Block& block) {
  using Kind = Block::Kind;
  if (block.kind == Kind::chart || block.kind == Kind::hint) return true;
  if (before.kind == Kind::section) return true;
  if (before.kind == Kind::headline) return block.kind != Kind::section;
  if (block.kind == Kind::item) return true;
  if (block.kind == Kind::commands && before.kind == Kind::fields) return true;
  return block.kind == Kind::check &&
         (before.kind == Kind::check || before.kind == Kind::hint);
}

}  // namespace

std::string render_text(const Document& document, const Terminal& terminal) {
  Layout layout(terminal);
  const Block* before = nullptr;
  for (const Block& block : document.blocks()) {
    if (before && !is_adjacent(*before, block)) layout.line("");
    add_block(block, terminal, layout);
    before = &block;
  }
  return layout.text();
}

}  // namespace lab
