// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "lab/report/document.h"

namespace lab {
namespace {

/// A bar would end the cell.
std::string escaped_cell(const std::string& cell) {
  std::string escaped;
  for (const char letter : cell) {
    if (letter == '|') escaped += '\\';
    escaped += letter;
  }
  return escaped;
}

std::string table_row(const std::vector<std::string>& row) {
  std::string line = "|";
  for (const std::string& cell : row) {
    line += fmt::format(" {} |", escaped_cell(cell));
  }
  return line + "\n";
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    text += table_row(rows[i]);
    if (i > 0) continue;
    text += '|';
    for (std::size_t column = 0; column < rows[i].size(); ++column) {
      text += "---|";
    }
    text += '\n';
  }
  return text;
}

std::string rendered(const Block& block) {
  switch (block.kind) {
    case Block::Kind::title:
      return fmt::format("# {}\n", block.text);
    case Block::Kind::section:
      return fmt::format("## {}\n", block.text);
    case Block::Kind::paragraph:
      return fmt::format("{}\n", block.text);
    case Block::Kind::item:
      return fmt::format("- {}\n", block.text);
    case Block::Kind::question:
      return fmt::format("> **?** {}\n", block.text);
    case Block::Kind::commands:
      return fmt::format("```sh\n{}\n```\n", block.text);
    case Block::Kind::table:
      return table(block.rows);
  }
  return "";
}

}  // namespace

std::string render_markdown(const Document& document) {
  std::string text;
  const Block* before = nullptr;
  for (const Block& block : document.blocks()) {
    const bool same_list =
        before && before->kind == block.kind && block.kind == Block::Kind::item;
    if (before && !same_list) text += '\n';
    text += rendered(block);
    before = &block;
  }
  return text;
}

}  // namespace lab
