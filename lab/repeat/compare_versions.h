// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "lab/base/language.h"
#include "lab/command/record_outputs.h"
#include "lab/experiments/experiment.h"
#include "lab/report/live.h"
#include "lab/report/terminal.h"

namespace lab {

/// The options of --on.
struct ComparisonOptions {
  std::vector<cgroupfs::Version> versions;
  OutputNames outputs;  ///< html: one page for all; json: a file for each run
  ColorChoice color = ColorChoice::automatic;
  Verbosity verbosity = Verbosity::normal;
  Language language = Language::en;
};

/// Runs `experiment` on each version with the given arguments, and compares the
/// runs. Exit status: 0 when all ended as expected, 1 when one did not, 128+n
/// after signal n. Throws as run_on_version() does, and UsageError for a
/// version where the experiment does not exist.
int compare_versions(const Experiment& experiment,
                     const std::vector<std::string>& arguments,
                     const ComparisonOptions& options);

}  // namespace lab
