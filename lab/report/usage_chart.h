// SPDX-License-Identifier: MIT
#pragma once

#include "lab/record/record.h"
#include "lab/report/layout.h"

namespace lab {

/// Adds a small chart of the usage over time, up to the limit or the peak; one
/// for each cgroup of a run that makes claims. Nothing for those that have too
/// few samples to show a curve.
void add_usage_chart(const RunRecord& record, Layout& layout);

}  // namespace lab
