// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/base/language.h"
#include "lab/repeat/bench_result.h"
#include "lab/report/document.h"

namespace lab {

/// Reasons not to compare the times: outliers, different verdicts, runs that
/// did not end as their experiment predicts.
std::vector<std::string> bench_warnings(const BenchOutcome& outcome,
                                        Language language);

/// A table of the statistics with a row for each case, the verdicts of each
/// case, and the warnings. An unknown value is "-".
Document bench_document(const BenchOutcome& outcome, Language language);

/// Every measurement and its statistics: "schema": "cglab.bench/1". An unknown
/// value is null, and the warnings are in English.
std::string bench_json(const BenchOutcome& outcome);

/// A line for each run: case, run, wall_ms, run_ms, detection_ms, verdict. An
/// unknown value is empty.
std::string bench_csv(const BenchOutcome& outcome);

}  // namespace lab
