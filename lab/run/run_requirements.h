// SPDX-License-Identifier: MIT
#pragma once

#include "lab/place/placement.h"
#include "lab/record/plan.h"
#include "lab/record/record.h"

namespace lab {

/// Checks that the command of `plan` can have the limits that it is to have.
/// Changes nothing. Throws Unavailable with the fix.
void check_command_requirements(const Plan& plan, const Placement& placement,
                                const Environment& environment);

}  // namespace lab
