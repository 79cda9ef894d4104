// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/base/language.h"
#include "lab/command/command_line.h"
#include "lab/command/record_outputs.h"
#include "lab/record/plan.h"
#include "lab/report/live.h"
#include "lab/report/terminal.h"

namespace lab {

/// The options that all experiments share, parsed.
struct RunOptions {
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

/// What `line` has of the options that runs have; the others stay as they are
/// by default. Throws UsageError.
Parameters read_parameters(const CommandLine& line);

/// Parses the arguments behind an experiment's name. Option names cannot be
/// abbreviated. Throws UsageError that names the option and the value.
RunOptions parse_run_options(const std::vector<std::string>& arguments);

/// The options as text for --help.
std::string run_options_help();

/// The options of `cglab clean`.
struct CleanOptions {
  std::optional<std::string> group;  ///< the exercise's, to be removed too
  bool dry_run = false;
  bool help = false;
};

/// Throws UsageError.
CleanOptions parse_clean_options(const std::vector<std::string>& arguments);

/// The options as text for --help.
std::string clean_options_help();

}  // namespace lab
