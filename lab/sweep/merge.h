// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/repeat/bench_result.h"
#include "lab/sweep/plan_file.h"

namespace lab {

/// The results of the cells of `plan` in the folders `folders`, by kind of host
/// and by case, with the cells that are missing or failed. Each result of a
/// cell with results in several folders counts as a run. One file is in memory
/// at a time. Throws RunError for a plan that cannot be read or has a cell
/// twice, UsageError for a folder given twice, and cgroupfs::FileError.
BenchOutcome merge(const PlanFile& plan,
                   const std::vector<std::string>& folders);

}  // namespace lab
