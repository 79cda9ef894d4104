// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "lab/base/language.h"
#include "lab/report/live_line.h"
#include "lab/report/terminal.h"

namespace lab {

/// The progress of all runs, "[###   ] 3 of 10 runs, 5 s left": redrawn in
/// place, or a plain line every few seconds where that is not possible.
class ProgressView {
 public:
  /// Borrows `terminal`. Shows nothing if `quiet`.
  ProgressView(const Terminal& terminal, bool quiet, Language language);
  /// Erases the line.
  ~ProgressView();
  ProgressView(const ProgressView&) = delete;
  ProgressView& operator=(const ProgressView&) = delete;

  /// `done` runs of `all` have ended; at least one.
  void show(std::size_t done, std::size_t all);

 private:
  void draw(double share, const std::string& text);

  const Terminal& terminal_;
  bool quiet_;
  Language language_;
  LiveLine line_;
  std::int64_t start_ns_;
  std::int64_t last_ns_ = 0;
};

}  // namespace lab
