// SPDX-License-Identifier: MIT
#include "lab/report/live_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lab/report/text_width.h"

namespace lab {

std::size_t LiveLine::width() const noexcept {
  return terminal_.width() - std::min(terminal_.width(), 2u);
}

void LiveLine::draw(std::string_view bar, std::size_t bar_columns,
                    std::string_view text) {
  const std::size_t room = width() - std::min(width(), bar_columns);
  const std::string_view shown = cut_to(text, room);
  const std::size_t before = std::exchange(
      columns_, std::max<std::size_t>(bar_columns + display_width(shown), 1));
  // In one write: a line that is cleared first would flicker.
  terminal_.write(fmt::format(
      "{}{}{}", clear_from_above(terminal_.rows_of(before) - 1), bar, shown));
}

void LiveLine::erase() {
  if (columns_ == 0) return;
  const std::size_t before = std::exchange(columns_, 0);
  terminal_.write(clear_from_above(terminal_.rows_of(before) - 1));
}

}  // namespace lab
