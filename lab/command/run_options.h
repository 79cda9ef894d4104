// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/base/language.h"
#include "lab/command/description.h"
#include "lab/command/record_outputs.h"
#include "lab/record/experiment.h"
#include "lab/report/live.h"
#include "lab/report/terminal.h"

namespace lab {

/// The options of a run: of an experiment, or of `cglab run`.
struct RunOptions {
  Parameters parameters;
  bool course_order = false;  ///< `oom --order course`: the experiment `course`
  std::vector<cgroupfs::Version> on;  ///< versions to compare; empty: one run
  OutputNames outputs;                ///< where the record goes
  ColorChoice color = ColorChoice::automatic;
  Verbosity verbosity = Verbosity::normal;
  Language language = Language::en;
  bool with_control = false;  ///< the control run after the run
  bool explain = false;
  bool brief = false;
  bool dry_run = false;
};

/// The arguments and options of `experiment`; nullptr: of `run`, with `--` and
/// the command at their end. Options that mean nothing there are left out.
Description describe_run(const Experiment* experiment);

/// What they say. Throws UsageError that names the option and the value.
RunOptions read_run_options(const Experiment* experiment,
                            const CommandLine& line);

/// The same of the arguments that follow the name of `experiment`, or `run`.
RunOptions parse_run_options(const Experiment* experiment,
                             const std::vector<std::string>& arguments);

}  // namespace lab
