// SPDX-License-Identifier: MIT
#include "lab/report/layout.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/base/visible.h"
#include "lab/report/text_width.h"

namespace lab {
namespace {

constexpr std::size_t label_width = 20;
constexpr std::size_t narrowest = 50;
constexpr std::size_t widest = 100;

/// Whether a path can begin after `before`: Chinese has no blank there.
bool parts_words(char before) {
  return before == ' ' || before == '(' || (before & 0x80) != 0;
}

/// Paths that are wider than `columns` are shortened: a value is for reading,
/// not for pasting.
std::string fitted(std::string_view text, std::size_t columns) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const bool is_path =
        text[at] == '/' && (at == 0 || parts_words(text[at - 1]));
    std::size_t end = at + 1;
    while (is_path && end < text.size() && text[end] != ' ' &&
           (text[end] & 0x80) == 0) {
      ++end;
    }
    const std::string_view part = text.substr(at, end - at);
    // Chinese punctuation after it, of two columns, stays on its line.
    const std::size_t room = end < text.size() && text[end] != ' ' ? 2 : 0;
    result += is_path ? shortened_path(part, columns - std::min(columns, room))
                      : part;
    at = end;
  }
  return result;
}

}  // namespace

Layout::Layout(const Terminal& terminal)
    : terminal_(terminal),
      width_(std::clamp<std::size_t>(terminal.width(), narrowest, widest)) {}

void Layout::line(std::string_view text) {
  text_.append(text).append("\n");
}

void Layout::paragraph(std::string_view text) {
  wrapped("", "", text);
}

void Layout::section(std::string_view title) {
  text_ += '\n';
  line(terminal_.bold(visible_line(title)));
}

void Layout::row(std::string_view label, std::string_view value,
                 std::string_view mark) {
  const std::string shown = visible_line(label);
  // A label wider than its column is still separated from the value.
  const std::size_t width = std::max(label_width, display_width(shown) + 1);
  wrapped(fmt::format("  {}{}", padded(shown, width), mark),
          std::string(label_width + 2, ' '),
          fitted(visible_line(value),
                 width_ - std::min(width_ - label_width, width + 2)));
}

void Layout::hanging(std::string_view mark, std::string_view text) {
  wrapped(mark, std::string(mark.size(), ' '), text);
}

void Layout::hanging(std::string_view mark, std::size_t columns,
                     std::string_view text) {
  const std::string blanks(columns, ' ');
  const std::size_t begin = text_.size();
  wrapped(blanks, blanks, text);
  text_.replace(begin, columns, mark);
}

void Layout::wrapped(std::string_view first_prefix,
                     std::string_view next_prefix, std::string_view value) {
  const std::string shown = visible_line(value);
  std::string_view text = shown;
  std::string_view prefix = first_prefix;
  do {
    const std::string_view part =
        take_line(text, width_ - std::min(width_ - 1, display_width(prefix)));
    line(fmt::format("{}{}", prefix, part));
    prefix = next_prefix;
  } while (!text.empty());
}

}  // namespace lab
