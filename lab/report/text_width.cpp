// SPDX-License-Identifier: MIT
#include "lab/report/text_width.h"

#include <fmt/format.h>

#include <algorithm>

namespace lab {
namespace {

/// Bytes of the UTF-8 character that begins with `lead`.
std::size_t character_size(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte >= 0xF0) return 4;
  if (byte >= 0xE0) return 3;
  return byte >= 0xC0 ? 2 : 1;
}

/// The first character of `text`, which is not empty.
std::string_view first_character(std::string_view text) {
  return text.substr(0, character_size(text.front()));
}

bool is_one_of(std::string_view character, std::string_view set) {
  return set.find(character) != set.npos;
}

bool is_wide(std::string_view character) {
  return character.size() > 2 && display_width(character) == 2;
}

/// Whether a line may break between two characters without a blank between.
bool may_break(std::string_view before, std::string_view after) {
  if (!is_wide(before) && !is_wide(after)) return false;
  return !is_one_of(after, "，。；：、！？）》”’…—") &&
         !is_one_of(before, "（《“‘—") && !is_one_of(after, ",.;:!?)]") &&
         before != "(";
}

/// How many bytes of `text` go on a line of `width` columns.
std::size_t line_end(std::string_view text, std::size_t width) {
  std::size_t end = 0;  // the last place where the line may end
  std::size_t column = 0;
  std::string_view before;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view character = first_character(text.substr(i));
    const bool breaks =
        i > 0 &&
        (character == " " || (before != " " && may_break(before, character)));
    if (breaks && (column <= width || end == 0)) end = i;
    column += display_width(character);
    if (column > width && end > 0) return end;
    before = character;
    i += character.size();
  }
  return column <= width || end == 0 ? text.size() : end;
}

/// Bytes of the first characters of `text` that occupy at least `columns`.
std::size_t cut_before(std::string_view text, std::size_t columns) {
  std::size_t end = 0;
  std::size_t width = 0;
  while (end < text.size() && width < columns) {
    const std::string_view character = first_character(text.substr(end));
    width += display_width(character);
    end += character.size();
  }
  return end;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  // fmt pads by columns and knows which characters take two.
  const std::size_t ample = 2 * text.size() + 1;
  const std::size_t bytes = fmt::formatted_size("{:<{}}", text, ample);
  return ample - (bytes - text.size());
}

std::string padded(std::string_view text, std::size_t width) {
  return fmt::format("{:<{}}", text, width);
}

std::string_view take_line(std::string_view& text, std::size_t width) {
  const std::string_view line = text.substr(0, line_end(text, width));
  text.remove_prefix(line.size());
  if (text.starts_with(' ')) text.remove_prefix(1);
  return line;
}

std::string_view cut_to(std::string_view text, std::size_t columns) {
  std::size_t end = 0;
  std::size_t width = 0;
  while (end < text.size()) {
    const std::string_view character = first_character(text.substr(end));
    width += display_width(character);
    if (width > columns) break;
    end += character.size();
  }
  return text.substr(0, end);
}

std::string shortened_path(std::string_view path, std::size_t columns) {
  constexpr std::string_view dots = "...";
  const std::size_t width = display_width(path);
  if (width <= columns) return std::string(path);
  if (columns <= dots.size()) return std::string(dots.substr(0, columns));
  const std::size_t room = columns - dots.size();
  const std::string_view head = cut_to(path, room / 3);
  const std::size_t excess = width - (room - display_width(head));
  const std::string_view tail = path.substr(cut_before(path, excess));
  return fmt::format("{}{}{}", head, dots, tail);
}

}  // namespace lab
