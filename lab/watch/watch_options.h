// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/base/language.h"
#include "lab/report/terminal.h"
#include "lab/watch/watcher.h"

namespace lab {

/// The options of `cglab watch`.
struct WatchOptions {
  std::string target;  ///< PATH or PID; empty with --help alone
  WatchPlan plan;
  ColorChoice color = ColorChoice::automatic;
  Language language = Language::en;
  bool json = false;
  bool help = false;
};

/// Throws UsageError.
WatchOptions parse_watch_options(const std::vector<std::string>& arguments);

/// The options as text for --help.
std::string watch_options_help();

}  // namespace lab
