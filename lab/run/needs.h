// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "lab/place/placement.h"
#include "lab/record/record.h"
#include "lab/run/scenario.h"

namespace lab {

/// Checks that this host has each of `needs` for a run of `plan` under `guard`,
/// a hard limit over everything. Changes nothing. Throws Unavailable with the
/// fix and the machine that has it.
void check_needs(const std::vector<Need>& needs, const Plan& plan, Bytes guard,
                 const Placement& placement, const Environment& environment);

}  // namespace lab
