// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace lab {

/// An option whose values are to be compared: "limit" with "16M" and "64M".
struct Sweep {
  std::string name;
  std::vector<std::string> values;
};

/// One combination of values.
struct BenchCase {
  std::string label;  ///< "limit=16M swap=0"; the experiment without sweeps
  std::string experiment;
  std::vector<std::string> arguments;  ///< of the experiment
};

/// Parses "name=value,value". Throws UsageError.
Sweep parse_sweep(const std::string& text);

/// Every combination, the last sweep changing fastest. A sweep called
/// "experiment" varies the experiment itself; "mode" does so, too, with max for
/// `oom` and high for `throttle`; "control" gives the flag --control with on
/// and nothing with off. Throws UsageError for too many, and for a name that
/// comes twice.
std::vector<BenchCase> combine(const std::string& experiment,
                               const std::vector<Sweep>& sweeps,
                               const std::vector<std::string>& arguments);

}  // namespace lab
