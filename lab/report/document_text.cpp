// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "cgroupfs/text.h"
#include "lab/base/visible.h"
#include "lab/report/document.h"
#include "lab/report/layout.h"
#include "lab/report/text_width.h"

namespace lab {
namespace {

using Row = std::vector<std::string>;

/// Between two columns of a table.
constexpr std::size_t gap = 2;
constexpr std::string_view margin = "  ";

/// Backticks are for markdown; in a terminal they would be noise.
std::string without_backticks(std::string text) {
  std::erase(text, '`');
  return text;
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

/// Columns that the widest word of `text` takes: it is not cut.
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

/// The widest column that can gives way until the table fits.
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

void add_table(std::vector<Row> rows, const Terminal& terminal,
               Layout& layout) {
  for (Row& row : rows) {
    for (std::string& cell : row) cell = visible_line(without_backticks(cell));
  }
  const auto widths = fitting_widths(rows, layout.width());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    add_row(rows[i], widths, i == 0, terminal, layout);
  }
}

void add_commands(const std::string& text, Layout& layout) {
  for (const std::string_view line : cgroupfs::split_lines(text)) {
    layout.line(fmt::format("    {}", visible(line)));
  }
}

void add_block(const Block& block, const Terminal& terminal, Layout& layout) {
  const std::string text = without_backticks(block.text);
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
      return add_commands(block.text, layout);
    case Block::Kind::table:
      return add_table(block.rows, terminal, layout);
  }
}

/// Blocks are parted by blank lines, all but the points of one list.
bool stands_with(const Block& before, const Block& block) {
  return before.kind == block.kind && block.kind == Block::Kind::item;
}

}  // namespace

std::string render_text(const Document& document, const Terminal& terminal) {
  Layout layout(terminal);
  const Block* before = nullptr;
  for (const Block& block : document.blocks()) {
    if (before && !stands_with(*before, block)) layout.line("");
    add_block(block, terminal, layout);
    before = &block;
  }
  return layout.text();
}

}  // namespace lab
