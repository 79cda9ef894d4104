// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/bench/bench.h"
#include "lab/report/document.h"

namespace lab {

/// The statistics of each case beside each other; with warnings of outliers and
/// of verdicts that differ.
Document bench_document(const BenchOutcome& outcome);

/// Every measurement and its statistics: "schema": "cglab.bench/1".
std::string bench_json(const BenchOutcome& outcome);

/// A line for each run: case, run, wall_ms, run_ms, detection_ms.
std::string bench_csv(const BenchOutcome& outcome);

}  // namespace lab
