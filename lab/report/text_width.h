// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lab {

/// Columns that `text` (UTF-8, one line) takes in a terminal: two for each
/// Chinese character. Needs no locale.
std::size_t display_width(std::string_view text);

/// `text` and blanks up to `width` columns.
std::string padded(std::string_view text, std::size_t width);

/// Takes a line of at most `width` columns off the front of `text`, and the
/// blank behind it. It ends before a blank or, in Chinese, between two
/// characters where a line may break: no closing punctuation begins a line, no
/// opening one ends it. A word wider than the line is not cut, so that paths
/// can be copied.
std::string_view take_line(std::string_view& text, std::size_t width);

}  // namespace lab
