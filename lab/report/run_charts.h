// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "lab/base/language.h"
#include "lab/report/document.h"
#include "lab/report/run_document.h"

namespace lab {

/// The charts of a run: the usage with limits and events; and of the first
/// cgroup what it consisted of, swap and pressure, each where there was any.
/// All share one axis, from the first to the last sample and to the events near
/// them. A series of more than `most_samples` is thinned without losing a peak.
/// Empty without samples.
std::vector<Chart> run_charts(const RunRecord& record, Language language);

/// The usage of several runs on one axis, with their limits.
Chart comparison_chart(const std::vector<NamedRecord>& runs, Language language);

}  // namespace lab
