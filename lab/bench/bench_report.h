// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/bench/bench.h"
#include "lab/report/document.h"

namespace lab {

/// What speaks against comparing the times: outliers, verdicts that differ,
/// experiments that did not end as they predict.
std::vector<std::string> bench_warnings(const BenchOutcome& outcome);

/// The statistics of each case beside each other, its verdicts, and the
/// warnings. What is unknown is "-".
Document bench_document(const BenchOutcome& outcome);

/// Every measurement and its statistics: "schema": "cglab.bench/1". What is
/// unknown is null.
std::string bench_json(const BenchOutcome& outcome);

/// A line for each run: case, run, wall_ms, run_ms, detection_ms, verdict. What
/// is unknown is empty.
std::string bench_csv(const BenchOutcome& outcome);

}  // namespace lab
