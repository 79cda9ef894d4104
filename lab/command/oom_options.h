// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "lab/base/language.h"
#include "lab/command/record_outputs.h"
#include "lab/record/plan.h"
#include "lab/report/live.h"
#include "lab/report/terminal.h"

namespace lab {

/// The options of `cglab oom`.
struct OomOptions {
  Parameters parameters;
  std::vector<cgroupfs::Version> on;  ///< versions to compare; empty: one run
  OutputNames outputs;                ///< where the record goes
  ColorChoice color = ColorChoice::automatic;
  Verbosity verbosity = Verbosity::normal;
  Language language = Language::en;
  bool explain = false;
  bool dry_run = false;
  bool help = false;
};

/// Parses the arguments behind `oom`. Option names cannot be abbreviated.
/// Throws UsageError that names the option and the value.
OomOptions parse_oom_options(const std::vector<std::string>& arguments);

/// The options as text for --help.
std::string oom_options_help();

}  // namespace lab
