// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/classroom/grade.h"
#include "lab/command/description.h"
#include "lab/command/render_target.h"

namespace lab {

/// The options of `cglab check`.
struct CheckOptions {
  GradingPlan plan;
  RenderTarget target;  ///< format: text, json, tap, junit or autolab
  std::string problem;  ///< Autolab's, for all points together
  ColorChoice color = ColorChoice::automatic;
  std::optional<nanoseconds> timeout;  ///< of --watch
  bool watch = false;
  bool list = false;
  bool points = false;
  bool quiet = false;
};

/// Its arguments and options.
Description describe_check();

/// What they say. Throws UsageError.
CheckOptions read_check_options(const CommandLine& line);

}  // namespace lab
