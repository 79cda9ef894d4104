// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/repeat/bench_result.h"
#include "lab/sweep/plan_file.h"

namespace lab {

/// The results of the cells of `plan` in the folders `folders`, by kind of host
/// and by case, with the cells that are missing or failed. A cell with results
/// in several folders counts in each. One file is in memory at a time. Throws
/// RunError for a plan that cannot be read, and cgroupfs::FileError.
BenchOutcome merge(const PlanFile& plan,
                   const std::vector<std::string>& folders);

}  // namespace lab
