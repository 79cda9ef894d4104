// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lab/bench/sweep.h"
#include "lab/os/signal_fd.h"
#include "lab/record/record.h"
#include "lab/report/record_words.h"

namespace lab {

/// The cases, and how often and how many at a time they run.
struct BenchPlan {
  std::vector<BenchCase> cases;
  std::size_t warmup = 1;  ///< runs of each case that are not counted
  std::size_t runs = 10;   ///< of each case
  std::size_t jobs = 1;    ///< at a time; parallel runs disturb each other
  std::string program = "/proc/self/exe";  ///< that runs a case: cglab
};

/// Arguments of every run, after those of its case: the record goes to stdout.
inline constexpr std::array<const char*, 3> output_of_runs{"--quiet", "--json",
                                                           "-"};

/// The measurements of one case in milliseconds. Only numbers are kept, so that
/// a thousand runs need little memory. Each vector has one value per run, in
/// the same order.
struct BenchResult {
  BenchCase of;
  std::vector<double> wall;  ///< the whole program, from start to end
  /// From the gate to the end of the hog. Unknown for an experiment with
  /// claims, which may have several processes.
  std::vector<std::optional<double>> run;
  /// From the last touch to the first notification. Unknown without a
  /// notification, and for an experiment with claims: its notifications may
  /// have other causes.
  std::vector<std::optional<double>> detection;
  std::vector<Outcome> verdicts;
};

/// The result of a bench, finished or interrupted.
struct BenchOutcome {
  std::vector<BenchResult> results;
  std::optional<int> interrupted_by;  ///< signal number
  std::size_t done = 0;               ///< runs finished, including warm-up
  std::size_t planned = 0;            ///< runs planned, including warm-up
};

/// Called after each run: `done` of `all` runs have finished.
using BenchProgress = std::function<void(std::size_t done, std::size_t all)>;

/// Each run is a process of its own, which frees its memory when it ends. The
/// cases are interleaved, so that a change in the host's speed affects all of
/// them alike. Throws RunError with the error message of a run that failed
/// (exit status above 1), UsageError if its arguments are invalid, Unavailable
/// if it cannot run here, and any exception of `progress`. LeftBehind takes
/// precedence over these and over a signal. Returns or throws only after all
/// runs have ended: after a failure, running ones get SIGTERM.
BenchOutcome run_bench(const BenchPlan& plan, const SignalFd& signals,
                       const BenchProgress& progress);

}  // namespace lab
