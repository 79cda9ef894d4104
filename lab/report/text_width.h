// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lab {

/// Columns that `text` (UTF-8, one line) occupies in a terminal: two for each
/// Chinese character. Needs no locale.
std::size_t display_width(std::string_view text);

/// `text` and blanks up to `width` columns.
std::string padded(std::string_view text, std::size_t width);

/// Removes a line of at most `width` columns from the front of `text`, with the
/// blank after it. It ends before a blank or, in Chinese, between two
/// characters where a line may break: no closing punctuation begins a line, no
/// opening one ends it. A word wider than the line is not cut, so that paths
/// can be copied.
std::string_view take_line(std::string_view& text, std::size_t width);

/// The first characters of `text` (UTF-8, one line), as many as fit into
/// `columns`.
std::string_view cut_to(std::string_view text, std::size_t columns);

/// `path` (UTF-8, one line) in at most `columns`: "..." replaces its middle
/// where it is longer, because the ends identify a cgroup. For display only:
/// records and lines to be pasted have the whole path.
std::string shortened_path(std::string_view path, std::size_t columns);

}  // namespace lab
