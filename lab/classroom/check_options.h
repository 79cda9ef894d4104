// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/classroom/grade.h"
#include "lab/command/description.h"
#include "lab/command/option_groups.h"
#include "lab/command/render_target.h"

namespace lab {

/// The options of `cglab check`.
struct CheckOptions {
  GradingPlan plan;
  RenderTarget target;  ///< a format of documents, json, tap, junit, autolab
  std::string problem;  ///< Autolab's, for all points together
  View view;
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
