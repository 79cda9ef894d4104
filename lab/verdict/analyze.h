// SPDX-License-Identifier: MIT
#pragma once

#include "lab/record/record.h"

namespace lab {

/// Concludes from a finished run what became of it. A pure function of the
/// record: it reads no clock, no file and no verdict made before.
///
/// An OOM kill of the child is proven by a child reaped with SIGKILL together
/// with the kernel log naming its pid, or with a kill that was counted or
/// logged in its cgroup while no reading showed another process in there. A log
/// that lost nothing and does not name the child rules the kill out; so does a
/// counter that did not rise, read after the reap, for a child that was inside
/// at the last reading. All else is undetermined.
///
/// Whose limit it was: see blame().
Verdict analyze(const RunRecord& record);

}  // namespace lab
