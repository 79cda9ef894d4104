// SPDX-License-Identifier: MIT
#pragma once

#include "lab/command.h"
#include "lab/record.h"

namespace lab {

/// One experiment: what it does and what must be seen. Data only; everything
/// that all experiments share is done by run_experiment().
struct Experiment {
  const char* name;      ///< the sub-command
  const char* summary;   ///< one line
  const char* question;  ///< what it answers, for its help
  Status expected;       ///< the outcome that makes exit status 0
};

/// The sub-command of every experiment: parses the shared options, plans,
/// checks, runs, analyzes, reports.
int run_experiment(const Command& self,
                   const std::vector<std::string>& arguments);

/// A static object of this type in an experiment's file adds it as a
/// sub-command. `experiment` must outlive the program's main().
class ExperimentRegistration {
 public:
  explicit ExperimentRegistration(const Experiment& experiment)
      : command_({experiment.name, experiment.summary, run_experiment,
                  &experiment}) {}

 private:
  CommandRegistration command_;
};

}  // namespace lab
