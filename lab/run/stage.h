// SPDX-License-Identifier: MIT
#pragma once

#include "lab/run/runner.h"
#include "lab/run/scenario.h"

namespace lab {

/// Runs `scenario` on one thread: cgroups made, settings written and read back,
/// then its steps one after the other while samples are taken and ends are
/// seen; at the end all that lives is ended and the cgroups are removed. The
/// claims and the verdict are left to judge() and analyze(). A signal or the
/// deadline ends it early. Throws as run() does, after having cleaned up.
RunRecord run_scenario(const Scenario& scenario, const Plan& plan,
                       const Placement& placement,
                       const Environment& environment, const SignalFd& signals,
                       Observer& observer);

}  // namespace lab
