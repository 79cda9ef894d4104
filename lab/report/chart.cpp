// SPDX-License-Identifier: MIT
#include "lab/report/chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace lab {
namespace {

constexpr std::array<std::string_view, 9> eighths{" ", "▁", "▂", "▃", "▄",
                                                  "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 9> plain{" ", ".", ".", ".", ":",
                                                ":", "#", "#", "#"};

/// The highest value of each column; a column without a sample repeats the
/// previous one.
std::vector<std::uint64_t> columns_of(const std::vector<std::int64_t>& times,
                                      const std::vector<std::uint64_t>& values,
                                      std::size_t width) {
  const std::int64_t first = times.front();
  const std::int64_t span = std::max<std::int64_t>(times.back() - first, 1);
  std::vector<std::uint64_t> columns(width, 0);
  std::size_t next = 0;
  for (std::size_t column = 0; column < width; ++column) {
    const auto end =
        first + static_cast<std::int64_t>(static_cast<double>(span) *
                                          static_cast<double>(column + 1) /
                                          static_cast<double>(width));
    const bool last = column + 1 == width;
    bool found = false;
    while (next < times.size() && (last || times[next] < end)) {
      columns[column] =
          found ? std::max(columns[column], values[next]) : values[next];
      found = true;
      ++next;
    }
    if (!found && column > 0) columns[column] = columns[column - 1];
  }
  return columns;
}

}  // namespace

std::vector<std::string> draw_chart(const std::vector<std::int64_t>& times,
                                    const std::vector<std::uint64_t>& values,
                                    std::uint64_t top, std::size_t width,
                                    std::size_t height, bool unicode) {
  if (times.empty() || width == 0 || height == 0) return {};
  const auto columns = columns_of(times, values, width);
  const auto& cells = unicode ? eighths : plain;
  std::vector<std::string> lines(height);
  for (const std::uint64_t value : columns) {
    const double share = top == 0 ? 0
                                  : std::min(1.0, static_cast<double>(value) /
                                                      static_cast<double>(top));
    // A value above zero is always visible.
    auto filled = static_cast<std::size_t>(
        std::lround(share * static_cast<double>(height * 8)));
    if (value > 0) filled = std::max<std::size_t>(filled, 1);
    for (std::size_t row = 0; row < height; ++row) {
      const std::size_t below = (height - 1 - row) * 8;
      lines[row] +=
          cells[filled <= below ? 0 : std::min<std::size_t>(filled - below, 8)];
    }
  }
  return lines;
}

}  // namespace lab
