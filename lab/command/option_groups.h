// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/base/language.h"
#include "lab/command/command_line.h"
#include "lab/report/live.h"
#include "lab/report/terminal.h"

namespace lab {

// Options that commands share, each declared here and nowhere else. --help is
// every command's: see execute() in command.h.

/// --color.
Option color_option();
/// --lang and --color, of commands that speak both languages.
OptionList view_options();
/// How a text is shown.
struct View {
  Language language = Language::en;
  ColorChoice color = ColorChoice::automatic;
};
/// Throws UsageError. Without --lang the environment chooses.
View read_view(const CommandLine& line);

/// --cgroup, with what it is for.
Option version_option(std::string help = "cgroup version to use");
/// nullopt: any. Throws UsageError.
std::optional<cgroupfs::Version> read_version(const CommandLine& line);

/// --quiet, with what it leaves out.
Option quiet_option(std::string help = "no output; see the exit status");
/// --verbose.
Option verbose_option();
/// --quiet or --verbose. Throws UsageError when both are given.
Verbosity read_verbosity(const CommandLine& line);

/// --json, of commands whose --format knows json.
Option json_option();
/// Whether --json is given. Throws UsageError when --format is given as well
/// and names another format.
bool has_json(const CommandLine& line);

/// --brief.
Option brief_option();

}  // namespace lab
