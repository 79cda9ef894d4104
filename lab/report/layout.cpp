// SPDX-License-Identifier: MIT
#include "lab/report/layout.h"

#include <fmt/format.h>

#include <algorithm>

namespace lab {
namespace {

constexpr std::size_t label_width = 20;
constexpr std::size_t narrowest = 50;
constexpr std::size_t widest = 100;

/// Where to cut `text` so that at most `width` bytes stay on the line; a word
/// that is longer than the line is not cut, so that paths can be copied.
std::size_t cut_at(std::string_view text, std::size_t width) {
  if (text.size() <= width) return text.size();
  const std::size_t blank = text.rfind(' ', width);
  if (blank != text.npos && blank > 0) return blank;
  return std::min(text.find(' '), text.size());
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
  line(terminal_.bold(title));
}

void Layout::row(std::string_view label, std::string_view value) {
  wrapped(fmt::format("  {:<{}}", label, label_width),
          std::string(label_width + 2, ' '), value);
}

void Layout::wrapped(std::string_view first_prefix,
                     std::string_view next_prefix, std::string_view text) {
  std::string_view prefix = first_prefix;
  do {
    const std::size_t end = cut_at(text, width_ - prefix.size());
    line(fmt::format("{}{}", prefix, text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    prefix = next_prefix;
  } while (!text.empty());
}

}  // namespace lab
