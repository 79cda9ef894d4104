// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "cgroupfs/text.h"
#include "lab/base/visible.h"
#include "lab/report/document.h"

namespace lab {
namespace {

/// What is markup or HTML outside of a code span; a bar also ends a cell.
constexpr std::string_view markup = "\\`<&*[]~|";

bool is_alphanumeric(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0;
}

/// Whether the character at `at` has to be escaped. "oom_kill" stays readable:
/// within a word an underscore is literal.
bool is_markup(std::string_view line, std::size_t at) {
  if (line[at] != '_') return markup.find(line[at]) != markup.npos;
  return at == 0 || at + 1 == line.size() || !is_alphanumeric(line[at - 1]) ||
         !is_alphanumeric(line[at + 1]);
}

/// One line, in which names from outside may hold anything: only what stands
/// between backticks is markup.
std::string inline_text(const std::string& raw) {
  const std::string line = visible_line(raw);
  std::string result;
  for (const Span& span : spans_of(line)) {
    if (span.is_code) {
      result += code_text(span.text);
      continue;
    }
    for (std::size_t at = 0; at < span.text.size(); ++at) {
      if (is_markup(span.text, at)) result += '\\';
      result += span.text[at];
    }
  }
  return result;
}

/// Where a backslash keeps a paragraph from being a list, a quotation, a
/// heading or a rule (CommonMark 0.31, 4 and 5); npos: nowhere.
std::size_t block_markup(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == text.npos) return text.npos;
  const std::size_t end = text.find_first_not_of("0123456789", first);
  const std::size_t mark = std::min(end, text.size() - 1);
  const bool is_last = mark + 1 == text.size() || text[mark + 1] == ' ';
  if (mark > first) {
    return is_last && (text[mark] == '.' || text[mark] == ')') ? mark
                                                               : text.npos;
  }
  const bool is_rule = text.find_first_not_of("- ", first) == text.npos;
  const bool is_item =
      (text[first] == '+' || text[first] == '-') && (is_last || is_rule);
  return is_item || text[first] == '#' || text[first] == '>' ? first
                                                             : text.npos;
}

std::string paragraph(const std::string& raw) {
  std::string text = inline_text(raw);
  const std::size_t at = block_markup(text);
  if (at != text.npos) text.insert(at, 1, '\\');
  return text;
}

/// In a table a bar ends the cell, even in a code span (GitHub's tables).
std::string cell_text(const std::string& cell) {
  std::string result;
  char before = 0;
  for (const char letter : inline_text(cell)) {
    if (letter == '|' && before != '\\') result += '\\';
    result += letter;
    before = letter;
  }
  return result;
}

std::string table_row(const std::vector<std::string>& row) {
  std::string line = "|";
  for (const std::string& cell : row) {
    line += fmt::format(" {} |", cell_text(cell));
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

std::string code_block(const std::string& raw) {
  const std::string text = visible(raw);
  return fmt::format("{0}sh\n{1}\n{0}\n", fence_of(text, 3), text);
}

std::string fields(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::vector<std::string>> all{{"", ""}};
  all.insert(all.end(), rows.begin(), rows.end());
  return table(all);
}

const char* word_of(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "\u2713 ";
    case Tone::bad:
      return "\u2717 ";
    case Tone::unknown:
      return "? ";
    case Tone::none:
      break;
  }
  return "";
}

/// Within the item of the check before it, as the check's detail is.
std::string hint(const Block& block) {
  std::string text = fmt::format("  - {}\n", paragraph(block.text));
  if (block.detail.empty()) return text;
  const std::string commands = code_block(block.detail);
  for (const std::string_view line : cgroupfs::split_lines(commands)) {
    text += fmt::format("    {}\n", line);
  }
  return text;
}

std::string rendered(const Block& block) {
  const std::string text = paragraph(block.text);
  switch (block.kind) {
    case Block::Kind::title:
      return fmt::format("# {}\n", text);
    case Block::Kind::section:
      return fmt::format("## {}\n", text);
    case Block::Kind::paragraph:
      return fmt::format("{}\n", text);
    case Block::Kind::item:
      return fmt::format("- {}\n", text);
    case Block::Kind::question:
      return fmt::format("> **?** {}\n", text);
    case Block::Kind::commands:
      return code_block(block.text);
    case Block::Kind::headline:
      return fmt::format("**{}{}**\n", word_of(block.tone), text);
    case Block::Kind::fields:
      return fields(block.rows);
    case Block::Kind::check:
      return fmt::format("- {}{}\n", word_of(block.tone), text) +
             (block.detail.empty()
                  ? ""
                  : fmt::format("  - {}\n", paragraph(block.detail)));
    case Block::Kind::hint:
      return hint(block);
    case Block::Kind::table:
      return table(block.rows);
    case Block::Kind::chart:
      return "";
  }
  return "";
}

/// Blocks of one list have no blank line between them.
bool are_one_list(const Block& before, const Block& block) {
  using Kind = Block::Kind;
  if (block.kind == Kind::hint) return true;
  if (block.kind == Kind::item) return before.kind == Kind::item;
  return block.kind == Kind::check &&
         (before.kind == Kind::check || before.kind == Kind::hint);
}

}  // namespace

std::string render_markdown(const Document& document) {
  std::string text;
  const Block* before = nullptr;
  for (const Block& block : document.blocks()) {
    const std::string part = rendered(block);
    if (part.empty()) continue;
    if (before && !are_one_list(*before, block)) text += '\n';
    text += part;
    before = &block;
  }
  return text;
}

}  // namespace lab
