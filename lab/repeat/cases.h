// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace lab {

/// An option and the values to compare: "limit" with "16M" and "64M".
struct Sweep {
  std::string name;
  std::vector<std::string> values;
};

/// One combination of values.
struct BenchCase {
  std::string label;  ///< "limit=16M swap=0"; without sweeps, the experiment
  std::string experiment;              ///< or "run"
  std::vector<std::string> arguments;  ///< for the experiment
};

/// Whether it runs a command: `cglab run -- COMMAND`.
inline bool is_command(const BenchCase& of) {
  return of.experiment == "run";
}

/// Parses "name=value,value"; each value once. Throws UsageError.
Sweep parse_sweep(const std::string& text);

/// Every combination; the last sweep varies fastest. Where an argument contains
/// "{name}", the value replaces it; else it is that of an option, or switches a
/// flag (on, off). Two names are special: "experiment" selects the experiment,
/// and "mode" selects `oom` (max) or `throttle` (high). Throws UsageError for
/// too many combinations and for a name given twice.
std::vector<BenchCase> combine(const std::string& experiment,
                               const std::vector<Sweep>& sweeps,
                               const std::vector<std::string>& arguments);

/// Refuses what a run of one of them would refuse, before any has started.
/// Throws UsageError.
void check_cases(const std::vector<BenchCase>& cases);

/// The arguments of a run of `of` that writes its record to the file `record`
/// ("-": standard output) and no report.
std::vector<std::string> recorded(const BenchCase& of,
                                  const std::string& record);

/// Options of scripts/vm for a machine where the case exists
/// (" --cgroup v1 --swap 256M"). Throws UsageError for a command.
std::string vm_options_of(const BenchCase& of);

}  // namespace lab
