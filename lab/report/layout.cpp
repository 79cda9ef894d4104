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

/// A label wider than its column is still separated from the value.
std::string label_part(std::string_view label) {
  const std::string shown = visible_line(label);
  return "  " + padded(shown, std::max(label_width, display_width(shown) + 1));
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

void Layout::row(std::string_view label, std::string_view value) {
  wrapped(label_part(label), std::string(label_width + 2, ' '), value);
}

std::size_t Layout::value_columns(std::string_view label) const {
  return width_ -
         std::min(width_ - label_width, display_width(label_part(label)));
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
