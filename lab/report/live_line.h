// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

#include "lab/report/terminal.h"

namespace lab {

/// The last line of a terminal, redrawn in place. Where the terminal has become
/// narrower meanwhile, all rows that the line has been wrapped to are cleared.
class LiveLine {
 public:
  /// Borrows `terminal`.
  explicit LiveLine(const Terminal& terminal) : terminal_(terminal) {}

  /// Columns for a line: those of the terminal without the last two, where a
  /// terminal echoes ^C.
  std::size_t width() const noexcept;
  /// Replaces the line. `bar`, which takes `bar_columns`, may be painted;
  /// `text` is cut where it does not fit.
  void draw(std::string_view bar, std::size_t bar_columns,
            std::string_view text);
  /// Clears the line, if one is shown.
  void erase();

 private:
  const Terminal& terminal_;
  std::size_t columns_ = 0;  ///< of what is shown; 0: nothing
};

}  // namespace lab
