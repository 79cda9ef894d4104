// SPDX-License-Identifier: MIT
#pragma once

#include "cgroupfs/cgroup.h"

namespace lab {

/// Ends everything in an owned cgroup and below it and removes it. On v1 the
/// OOM killer is switched on again first: a task that sleeps for memory would
/// keep the group busy. Throws cgroupfs::FileError.
void tear_down(cgroupfs::Cgroup& group);

}  // namespace lab
