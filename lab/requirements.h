// SPDX-License-Identifier: MIT
#pragma once

#include "lab/placement.h"
#include "lab/plan.h"
#include "lab/record.h"

namespace lab {

/// What part of the free memory (MemAvailable) a run may claim: more would put
/// the whole host in danger of running out.
inline constexpr unsigned safe_share_percent = 50;

/// Most memory (not swap) that a run can hold at any time.
Bytes largest_claim(const Plan& plan) noexcept;

/// The single checks, for what is no experiment. Throw Unavailable.
void check_panic_on_oom();
void check_swap_accounting(const Plan& plan, const Placement& placement,
                           const Environment& environment);

/// Checks that `plan` can run on this host without harm to it. Changes nothing.
/// Throws Unavailable with the fix.
void check_requirements(const Plan& plan, const Placement& placement,
                        const Environment& environment);

}  // namespace lab
