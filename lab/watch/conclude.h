// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/watch/sample.h"

/// What follows from readings: pure functions.
namespace lab {

/// Of the limits on charges (hard and memsw) of a cgroup and those above it,
/// nearest first, the one with least headroom; of equal ones the nearest.
/// nullopt when none limits.
std::optional<BindingLimit> binding_limit(
    const std::vector<LimitReading>& readings);

/// The same of memory.high.
std::optional<BindingLimit> binding_high(
    const std::vector<LimitReading>& readings);

/// The limits of the cgroup at `path`.
OwnLimits limits_of(const std::string& path,
                    const std::vector<LimitReading>& readings);

/// The limits that are in both and not the same.
std::vector<LimitChange> limit_changes(const std::vector<LimitReading>& before,
                                       const std::vector<LimitReading>& after);

/// How much each counter rose; absent where it is absent in one. A counter that
/// fell (v1: the sum loses a cgroup that was removed) did not rise.
Counters growth(const Counters& before, const Counters& after);

}  // namespace lab
