// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lab/bench/sweep.h"
#include "lab/os/signal_fd.h"
#include "lab/record/record.h"

namespace lab {

/// How often, and how many at a time.
struct BenchPlan {
  std::vector<BenchCase> cases;
  std::size_t warmup = 1;  ///< runs of each case that are not counted
  std::size_t runs = 10;   ///< of each case
  std::size_t jobs = 1;    ///< at a time; more than one disturb each other
  std::string program = "/proc/self/exe";  ///< what is run: cglab
};

/// What was measured in the runs of one case, in milliseconds; plain numbers,
/// so that a thousand runs take little memory. The vectors have a value for
/// each run, in one order.
struct BenchResult {
  BenchCase of;
  std::vector<double> wall;  ///< the whole program, from start to end
  /// From the gate to the end of the hog. Unknown where claims are made, which
  /// may have many processes.
  std::vector<std::optional<double>> run;
  /// Last touch to first notification. Unknown without a notification, and
  /// where claims are made: those notify of other things.
  std::vector<std::optional<double>> detection;
  std::vector<Status> verdicts;
};

/// A bench that has come to its end, or to an early one.
struct BenchOutcome {
  std::vector<BenchResult> results;
  std::optional<int> interrupted_by;  ///< signal number
  std::size_t done = 0;     ///< runs that came to their end, warm-up and all
  std::size_t planned = 0;  ///< of how many
};

/// Called after each run with how many of how many are done.
using BenchProgress = std::function<void(std::size_t done, std::size_t all)>;

/// Runs every case in processes of cglab: a run's memory is gone with it. Cases
/// take turns, so that a host that gets slower or faster does not favour one.
/// Throws RunError with what a run said that failed (an exit status above 1),
/// Unavailable when it cannot run here, and what `progress` throws; LeftBehind
/// before all these, and in spite of a signal. It never returns or throws
/// before all runs have ended: those under way at a failure get SIGTERM.
BenchOutcome run_bench(const BenchPlan& plan, const SignalFd& signals,
                       const BenchProgress& progress);

}  // namespace lab
