// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/base/language.h"
#include "lab/repeat/bench_result.h"

namespace lab {

/// A self-contained page: bench_document(), and charts of all runs on a common
/// time axis.
std::string bench_html(const BenchOutcome& outcome, Language language);

}  // namespace lab
