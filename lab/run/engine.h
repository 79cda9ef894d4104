// SPDX-License-Identifier: MIT
#pragma once

#include "lab/os/signal_fd.h"
#include "lab/place/placement.h"
#include "lab/record/plan.h"
#include "lab/record/record.h"
#include "lab/run/detail.h"
#include "lab/run/observer.h"

namespace lab {

/// Carries out `plan`, which was fitted, in `placement` in one thread: creates
/// the cgroups, writes limits and reads them back, then carries out the steps:
/// processes start inside, wait at their gates until their membership is
/// verified, and are followed in one poll loop. At the end, in this order:
/// reap, drain, last sample, counters, teardown. A signal or the deadline ends
/// the run early and is recorded; a command gets the signal first, see
/// CommandEnd. The verdict is left to analyze(). Throws cgroupfs::FileError,
/// RunError, Unavailable for features that this kernel lacks, and NotExecuted,
/// after cleaning up.
RunRecord run(const Plan& plan, const Placement& placement,
              const Environment& environment, const SignalFd& signals,
              Observer& observer, Detail detail = Detail::record);

}  // namespace lab
