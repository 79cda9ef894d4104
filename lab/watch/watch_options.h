// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/base/language.h"
#include "lab/command/description.h"
#include "lab/report/terminal.h"
#include "lab/watch/tree_table.h"
#include "lab/watch/watcher.h"

namespace lab {

/// The options of `cglab watch`.
struct WatchOptions {
  std::string target;  ///< PATH or PID
  WatchPlan plan;
  bool all = false;  ///< a tree: `target` and everything below it
  TreeSort sort = TreeSort::usage;
  std::optional<std::size_t> rows;
  std::optional<std::string> metrics;  ///< a file
  std::size_t most_series = 1000;      ///< cgroups with series
  std::optional<std::string> log;      ///< a file or "-"
  bool journal = false;
  ColorChoice color = ColorChoice::automatic;
  Language language = Language::en;
  bool json = false;
};

/// Its arguments and options.
Description describe_watch();

/// What they say. Throws UsageError.
WatchOptions read_watch_options(const CommandLine& line);

}  // namespace lab
