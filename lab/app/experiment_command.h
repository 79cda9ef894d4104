// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/experiments/experiment.h"
#include "lab/record/record.h"

namespace lab {

/// Makes each experiment a sub-command, which parses its options, plans,
/// checks, runs, concludes and reports.
void add_experiment_commands();

/// The sub-command of an experiment that has a scenario.
int run_scenario_experiment(const Experiment& experiment,
                            const std::vector<std::string>& arguments);

/// The exit status of a finished run.
int exit_code_of(const RunRecord& record, const Experiment& experiment);

}  // namespace lab
