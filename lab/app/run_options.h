// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/base/language.h"
#include "lab/record/plan.h"
#include "lab/report/live.h"
#include "lab/report/terminal.h"

namespace lab {

/// The options of `cglab run`, parsed.
struct CommandOptions {
  Parameters parameters;  ///< what it shares with experiments
  CommandPlan command;
  std::optional<std::string> json;  ///< file for the record
  ColorChoice color = ColorChoice::automatic;
  Verbosity verbosity = Verbosity::normal;
  Language language = Language::en;
  bool help = false;
};

/// Parses the arguments behind `run`: options, `--`, the command. Throws
/// UsageError that names the option and the value.
CommandOptions parse_command_options(const std::vector<std::string>& arguments);

/// The options as text for --help.
std::string command_options_help();

}  // namespace lab
