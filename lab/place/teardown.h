// SPDX-License-Identifier: MIT
#pragma once

#include "cgroupfs/cgroup.h"

namespace lab {

/// v1: switches the OOM killer on again in `group` and everywhere below it. To
/// be done before anything is killed: a task that sleeps for memory while it is
/// off ends by no signal. Throws cgroupfs::FileError.
void enable_oom_killer(const cgroupfs::Cgroup& group);

/// Ends everything in an owned cgroup and below it and removes it, after
/// enable_oom_killer(). Throws cgroupfs::FileError, and RunError for processes
/// that cannot be killed, see kill_all().
void tear_down(cgroupfs::Cgroup& group);

}  // namespace lab
