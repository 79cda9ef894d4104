// SPDX-License-Identifier: MIT
#include "lab/report/document.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "lab/base/visible.h"
#include "lab/report/text_width.h"

namespace lab {
namespace {

/// How many backticks `text` begins with.
std::size_t backticks(std::string_view text) {
  return std::min(text.find_first_not_of('`'), text.size());
}

/// Bytes of the code that `text` begins with, and of its fences; 0 if it is not
/// closed.
std::size_t code_size(std::string_view text) {
  const std::size_t fence = backticks(text);
  for (std::size_t at = text.find('`', fence); at != text.npos;
       at = text.find('`', at)) {
    const std::size_t end = backticks(text.substr(at));
    at += end;
    if (end == fence) return at;
  }
  return 0;
}

/// One blank on each side lets code begin or end with a backtick.
std::string_view without_padding(std::string_view code) {
  const bool is_padded =
      code.size() > 2 && code.front() == ' ' && code.back() == ' ';
  return is_padded ? code.substr(1, code.size() - 2) : code;
}

}  // namespace

void Document::command(std::string line) {
  if (!blocks_.empty() && blocks_.back().kind == Block::Kind::commands) {
    blocks_.back().text += "\n" + line;
  } else {
    add(Block::Kind::commands, std::move(line));
  }
}

void Document::headline(std::string text, Tone tone) {
  add(Block::Kind::headline, std::move(text));
  blocks_.back().tone = tone;
}

void Document::field(std::string label, std::string value) {
  if (blocks_.empty() || blocks_.back().kind != Block::Kind::fields) {
    add(Block::Kind::fields, "");
  }
  blocks_.back().rows.push_back({std::move(label), std::move(value)});
}

void Document::check(Tone tone, std::string text, std::string detail) {
  add(Block::Kind::check, std::move(text));
  blocks_.back().tone = tone;
  blocks_.back().detail = std::move(detail);
}

void Document::hint(std::string text,
                    const std::vector<std::string>& commands) {
  add(Block::Kind::hint, std::move(text));
  blocks_.back().detail = fmt::format("{}", fmt::join(commands, "\n"));
}

void Document::table(std::vector<std::vector<std::string>> rows) {
  add(Block::Kind::table, "");
  blocks_.back().rows = std::move(rows);
}

void Document::chart(Chart chart) {
  add(Block::Kind::chart, "");
  blocks_.back().plot = std::move(chart);
}

std::vector<Span> spans_of(std::string_view text) {
  std::vector<Span> spans;
  const auto add = [&](std::string_view part, bool is_code) {
    if (!part.empty()) spans.push_back({part, is_code});
  };
  std::size_t at = 0;
  while ((at = text.find('`', at)) != text.npos) {
    const std::size_t fence = backticks(text.substr(at));
    const std::size_t size = code_size(text.substr(at));
    if (size > 0) {
      add(text.substr(0, at), false);
      add(without_padding(text.substr(at + fence, size - 2 * fence)), true);
      text.remove_prefix(at + size);
    }
    at = size > 0 ? 0 : at + fence;
  }
  add(text, false);
  return spans;
}

std::string fence_of(std::string_view text, std::size_t least) {
  for (std::size_t at = text.find('`'); at != text.npos;
       at = text.find('`', at)) {
    const std::size_t ticks = backticks(text.substr(at));
    least = std::max(least, ticks + 1);
    at += ticks;
  }
  return std::string(least, '`');
}

std::string code_text(std::string_view text) {
  const std::string fence = fence_of(text, 1);
  const bool is_padded = text.starts_with('`') || text.ends_with('`');
  return fmt::format("{0}{1}{2}{1}{0}", fence, is_padded ? " " : "", text);
}

std::string plain_text(std::string_view text, std::size_t columns) {
  std::string result;
  for (const Span& span : spans_of(text)) {
    const bool is_path = span.is_code && span.text.starts_with('/');
    result +=
        is_path ? shortened_path(visible_line(span.text), columns) : span.text;
  }
  return result;
}

void Document::append(Document other) {
  std::move(other.blocks_.begin(), other.blocks_.end(),
            std::back_inserter(blocks_));
}

}  // namespace lab
