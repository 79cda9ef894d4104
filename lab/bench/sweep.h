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
  std::string experiment;
  std::vector<std::string> arguments;  ///< for the experiment
};

/// Parses "name=value,value". Throws UsageError.
Sweep parse_sweep(const std::string& text);

/// Every combination; the last sweep varies fastest. Three names are special:
/// "experiment" selects the experiment, "mode" selects `oom` (max) or
/// `throttle` (high), and "control" adds the flag --control (on) or nothing
/// (off). Throws UsageError for too many combinations and for a name given
/// twice.
std::vector<BenchCase> combine(const std::string& experiment,
                               const std::vector<Sweep>& sweeps,
                               const std::vector<std::string>& arguments);

}  // namespace lab
