// SPDX-License-Identifier: MIT
#pragma once

#include "lab/os/signal_fd.h"
#include "lab/place/placement.h"
#include "lab/record/plan.h"
#include "lab/record/record.h"
#include "lab/run/detail.h"
#include "lab/run/observer.h"

namespace lab {

/// Carries out `plan`, which was fitted, in `placement` on one thread: cgroups
/// made, limits written and read back, then the steps: processes start inside,
/// wait at their gates until their membership was verified, and are followed in
/// one poll loop. At the end, in this order: reap, drain, last sample,
/// counters, teardown. A signal or the deadline ends the run early and is in
/// the record; a command gets the signal first, see CommandEnd. The verdict is
/// left to conclude(). Throws cgroupfs::FileError, RunError, Unavailable for
/// what this kernel lacks, and NotExecuted, after having cleaned up.
RunRecord run(const Plan& plan, const Placement& placement,
              const Environment& environment, const SignalFd& signals,
              Observer& observer, Detail detail = Detail::record);

}  // namespace lab
