// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/bench/bench.h"

namespace lab {

/// A page that needs nothing but itself: the table, the warnings, and every run
/// of every case on one axis of time.
std::string bench_html(const BenchOutcome& outcome);

}  // namespace lab
