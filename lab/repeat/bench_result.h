// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lab/record/record.h"
#include "lab/repeat/cases.h"
#include "lab/repeat/host_kind.h"
#include "lab/report/record_words.h"

namespace lab {

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
  /// Of a command; unknown where a signal ended it.
  std::vector<std::optional<int>> exit_codes = {};
  /// Where each run was made, by name; empty where all were made on this host.
  std::vector<std::string> hosts = {};
  std::vector<std::string> cells = {};  ///< ids of a sweep's cells
  std::size_t kind = 0;                 ///< index into SweepNotes::kinds
};

/// Adds a run that took `wall_ns` as a whole.
void add_run(BenchResult& result, const RunRecord& record,
             std::int64_t wall_ns);

/// A cell of a sweep without measurements.
struct CellNote {
  std::size_t index = 0;  ///< in the plan, counted from 1
  std::string id;
  std::string label;  ///< of its case
  std::string host = {};
  std::optional<int> status = std::nullopt;
  std::string error = {};  ///< why it failed, the beginning of it
};

/// What only a sweep has: where its runs were made, and which are not there.
struct SweepNotes {
  std::size_t cells = 0;  ///< of the plan
  std::vector<HostKind> kinds;
  std::vector<CellNote> missing;  ///< cells without a result
  std::vector<CellNote> failed;
};

/// The result of a bench, finished or interrupted, or of a sweep.
struct BenchOutcome {
  std::vector<BenchResult> results;
  std::optional<int> interrupted_by;  ///< signal number
  std::size_t done = 0;     ///< runs finished, with warm-up; cells measured
  std::size_t planned = 0;  ///< runs planned, with warm-up; cells of the plan
  std::optional<SweepNotes> sweep = std::nullopt;
};

}  // namespace lab
