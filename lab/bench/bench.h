// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "lab/os/signal_fd.h"
#include "lab/repeat/bench_result.h"
#include "lab/repeat/cases.h"

namespace lab {

/// The cases, and how often and how many at a time they run.
struct BenchPlan {
  std::vector<BenchCase> cases;
  std::size_t warmup = 1;  ///< runs of each case that are not counted
  std::size_t runs = 10;   ///< of each case
  std::size_t jobs = 1;    ///< at a time; parallel runs disturb each other
  std::string program = "/proc/self/exe";  ///< that runs a case: cglab
};

/// Called after each run: `done` of `all` runs have finished.
using BenchProgress = std::function<void(std::size_t done, std::size_t all)>;

/// Runs and counts them as run_rounds() does. Throws as it does; RunError with
/// the error message of a run that failed, UsageError if its arguments are
/// invalid, Unavailable if it cannot run here, and any exception of `progress`.
BenchOutcome run_bench(const BenchPlan& plan, const SignalFd& signals,
                       const BenchProgress& progress);

}  // namespace lab
