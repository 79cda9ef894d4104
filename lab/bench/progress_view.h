// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "lab/report/terminal.h"

namespace lab {

/// "[###   ] 3 of 10 runs, 5 s left" in at most `width` columns: the bar gives
/// way first, then the end of the text.
std::string progress_line(const Terminal& terminal, bool unicode,
                          std::size_t width, double share,
                          const std::string& text);

/// The progress of all runs: a bar with the time that is left, or a plain line
/// now and then.
class ProgressView {
 public:
  /// Borrows `terminal`. A quiet one shows nothing.
  ProgressView(const Terminal& terminal, bool quiet);
  /// Clears the line.
  ~ProgressView();
  ProgressView(const ProgressView&) = delete;
  ProgressView& operator=(const ProgressView&) = delete;

  /// `done` runs of `all` have ended; at least one.
  void show(std::size_t done, std::size_t all);

 private:
  const Terminal& terminal_;
  bool quiet_;
  bool shown_ = false;
  std::int64_t start_ns_;
  std::int64_t last_ns_ = 0;
};

}  // namespace lab
