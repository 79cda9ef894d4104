// SPDX-License-Identifier: MIT
#pragma once

#include "cgroupfs/cgroup.h"

namespace lab {

/// v1: enables the OOM killer again in `group` and its descendants. Must be
/// done before anything is killed: while it is disabled, a task that sleeps for
/// memory does not react to signals. Throws cgroupfs::FileError.
void enable_oom_killer(const cgroupfs::Cgroup& group);

/// Kills all processes in an owned cgroup and its descendants and removes it,
/// after enable_oom_killer(). Throws cgroupfs::FileError, and RunError for
/// processes that cannot be killed, see kill_all().
void tear_down(cgroupfs::Cgroup& group);

}  // namespace lab
