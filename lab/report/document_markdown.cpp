// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "cgroupfs/text.h"
#include "lab/base/visible.h"
#include "lab/report/document.h"

namespace lab {
namespace {

/// How many backticks `text` begins with.
std::size_t backticks(std::string_view text) {
  return std::min(text.find_first_not_of('`'), text.size());
}

/// Bytes of the code span that `text` begins with; 0 if it is not closed: then
/// its backticks are literal (CommonMark 0.31, 6.1).
std::size_t code_span(std::string_view text) {
  const std::size_t fence = backticks(text);
  for (std::size_t at = text.find('`', fence); at != text.npos;
       at = text.find('`', at)) {
    const std::size_t end = backticks(text.substr(at));
    at += end;
    if (end == fence) return at;
  }
  return 0;
}

/// What is markup or HTML outside of a code span; a bar also ends a cell.
constexpr std::string_view markup = "\\<&*[]~|";

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
  const std::string_view text = line;
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t ticks = backticks(text.substr(at));
    const std::size_t span = ticks > 0 ? code_span(text.substr(at)) : 0;
    const std::size_t size = std::max<std::size_t>({span, ticks, 1});
    const bool escapes = ticks > 0 ? span == 0 : is_markup(text, at);
    for (const char letter : text.substr(at, size)) {
      if (escapes) result += '\\';
      result += letter;
    }
    at += size;
  }
  return result;
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

/// The fence is longer than any in the commands.
std::string code_block(const std::string& raw) {
  const std::string text = visible(raw);
  std::size_t longest = 2;
  for (std::size_t at = text.find('`'); at != text.npos;
       at = text.find('`', at)) {
    const std::size_t ticks = backticks(std::string_view(text).substr(at));
    longest = std::max(longest, ticks);
    at += ticks;
  }
  const std::string fence(longest + 1, '`');
  return fmt::format("{0}sh\n{1}\n{0}\n", fence, text);
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
  std::string text = fmt::format("  - {}\n", inline_text(block.text));
  if (block.detail.empty()) return text;
  const std::string commands = code_block(block.detail);
  for (const std::string_view line : cgroupfs::split_lines(commands)) {
    text += fmt::format("    {}\n", line);
  }
  return text;
}

std::string rendered(const Block& block) {
  const std::string text = inline_text(block.text);
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
                  : fmt::format("  - {}\n", inline_text(block.detail)));
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
