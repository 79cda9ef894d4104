// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "lab/watch/sample.h"

/// Conclusions from readings: pure functions.
namespace lab {

/// The limits that are in both and differ.
std::vector<LimitChange> limit_changes(const std::vector<LimitReading>& before,
                                       const std::vector<LimitReading>& after);

/// The rise of each counter; absent where it is absent in one. For a counter
/// that fell (v1: a cgroup of the sum was removed) it is 0.
Counters growth(const Counters& before, const Counters& after);

}  // namespace lab
