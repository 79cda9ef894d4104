// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "lab/record/experiment.h"

namespace lab {

/// Makes each experiment, and `run`, a sub-command: it parses its options,
/// plans, checks, runs, concludes and reports.
void add_run_commands();

/// What this host lacks to run `experiment` with its defaults, a clause;
/// nullopt: nothing. By the checks of a run, without making a cgroup.
std::optional<std::string> missing_here(const Experiment& experiment,
                                        Language language);

}  // namespace lab
