// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lab/record/record.h"

namespace lab {

/// The usage of one cgroup over time. Borrows the columns of its record.
struct Curve {
  std::string name;
  const std::vector<std::int64_t>& time_ns;
  const std::vector<std::uint64_t>& usage;
};

/// A curve for each cgroup of a run that makes claims, in its order; else one,
/// "usage", of the first.
std::vector<Curve> curves_of(const RunRecord& record);

}  // namespace lab
