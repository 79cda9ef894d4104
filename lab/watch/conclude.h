// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/watch/sample.h"

/// Conclusions from readings: pure functions.
namespace lab {

/// The limit with the least headroom among the limits on charges (hard and
/// memsw) of a cgroup and its ancestors, nearest first; of equal ones the
/// nearest. nullopt when there is none.
std::optional<BindingLimit> binding_limit(
    const std::vector<LimitReading>& readings);

/// The same for memory.high.
std::optional<BindingLimit> binding_high(
    const std::vector<LimitReading>& readings);

/// The limits of the cgroup at `path`.
OwnLimits limits_of(const std::string& path,
                    const std::vector<LimitReading>& readings);

/// The limits that are in both and differ.
std::vector<LimitChange> limit_changes(const std::vector<LimitReading>& before,
                                       const std::vector<LimitReading>& after);

/// The rise of each counter; absent where it is absent in one. For a counter
/// that fell (v1: a cgroup of the sum was removed) it is 0.
Counters growth(const Counters& before, const Counters& after);

}  // namespace lab
