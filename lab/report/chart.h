// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lab {

/// A small chart of `values` over `times` (both of equal length, times rising)
/// as lines of text, `width` columns and `height` rows: the height of a column
/// is the highest value in its time. The top row stands for `top`. `unicode`
/// takes eighths of a cell. Empty without values.
std::vector<std::string> draw_chart(const std::vector<std::int64_t>& times,
                                    const std::vector<std::uint64_t>& values,
                                    std::uint64_t top, std::size_t width,
                                    std::size_t height, bool unicode);

}  // namespace lab
