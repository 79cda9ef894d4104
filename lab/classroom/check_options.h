// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/classroom/grade.h"
#include "lab/report/terminal.h"

namespace lab {

/// The forms of a grade.
enum class GradeFormat { text, json, tap, junit, autolab };

/// The options of `cglab check`.
struct CheckOptions {
  GradingPlan plan;
  GradeFormat format = GradeFormat::text;
  std::string problem;  ///< Autolab's, for all points together
  ColorChoice color = ColorChoice::automatic;
  std::optional<nanoseconds> timeout;  ///< of --watch
  bool watch = false;
  bool list = false;
  bool points = false;
  bool quiet = false;
  bool help = false;
};

/// Throws UsageError.
CheckOptions parse_check_options(const std::vector<std::string>& arguments);

/// The options as text for --help.
std::string check_options_help();

}  // namespace lab
