// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/base/language.h"
#include "lab/command/description.h"
#include "lab/report/terminal.h"
#include "lab/watch/watcher.h"

namespace lab {

/// The options of `cglab watch`.
struct WatchOptions {
  std::string target;  ///< PATH or PID
  WatchPlan plan;
  ColorChoice color = ColorChoice::automatic;
  Language language = Language::en;
  bool json = false;
};

/// Its arguments and options.
Description describe_watch();

/// What they say. Throws UsageError.
WatchOptions read_watch_options(const CommandLine& line);

}  // namespace lab
