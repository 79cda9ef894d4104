// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/base/language.h"
#include "lab/command/record_outputs.h"
#include "lab/experiments/experiment.h"
#include "lab/record/plan.h"
#include "lab/report/live.h"
#include "lab/report/terminal.h"

namespace lab {

/// The options of experiments that have a scenario.
struct ScenarioOptions {
  Parameters parameters;
  bool control = false;
  std::vector<cgroupfs::Version> on;  ///< versions to compare; empty: one run
  OutputNames outputs;                ///< where the record goes
  ColorChoice color = ColorChoice::automatic;
  Verbosity verbosity = Verbosity::normal;
  Language language = Language::en;
  bool help = false;
};

/// Throws UsageError.
ScenarioOptions parse_scenario_options(
    const std::vector<std::string>& arguments);

/// The options as text for --help.
std::string scenario_options_help();

/// A run of `experiment` in its numbers. Throws UsageError.
Plan make_scenario_plan(const Experiment& experiment,
                        const Parameters& parameters);

}  // namespace lab
