// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>

#include "lab/record/record.h"

namespace lab {

/// The time at which the straight line through `samples` (least squares)
/// reaches `goal`; nullopt when it does not rise. A pure function.
std::optional<std::int64_t> time_of_crossing(
    const std::vector<std::int64_t>& time_ns, const Column& usage, double goal);

}  // namespace lab
