// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lab/bench/sweep.h"
#include "lab/signal_fd.h"

namespace lab {

/// How often, and how many at a time.
struct BenchPlan {
  std::vector<BenchCase> cases;
  std::size_t warmup = 1;  ///< runs of each case that are not counted
  std::size_t runs = 10;   ///< of each case
  std::size_t jobs = 1;    ///< at a time; more than one disturb each other
};

/// What was measured in the runs of one case, in milliseconds; plain numbers,
/// so that a thousand runs take little memory.
struct BenchResult {
  BenchCase of;
  std::vector<double> wall;       ///< the whole program, from start to end
  std::vector<double> run;        ///< from the gate to the end of the child
  std::vector<double> detection;  ///< last touch to first notification
  std::map<std::string, std::size_t> verdicts;  ///< how often each was seen
};

/// A bench that has come to its end, or to an early one.
struct BenchOutcome {
  std::vector<BenchResult> results;
  std::optional<int> interrupted_by;  ///< signal number
};

/// Is told after each run how many of how many are done.
using BenchProgress = std::function<void(std::size_t done, std::size_t all)>;

/// Runs every case in processes of this same program: a run's memory is gone
/// with it. Cases take turns, so that a host that gets slower or faster does
/// not favour one. Throws RunError with what a run said that failed (an exit
/// status above 1), and Unavailable when it cannot run here.
BenchOutcome run_bench(const BenchPlan& plan, const SignalFd& signals,
                       const BenchProgress& progress);

}  // namespace lab
