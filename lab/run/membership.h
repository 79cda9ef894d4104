// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "cgroupfs/cgroup.h"
#include "lab/os/child.h"
#include "lab/place/placement.h"

namespace lab {

/// The part of `path` below `placement.parent`. The kernel names cgroups from
/// the hierarchy's root, which this process may not see: both names have this
/// end in common.
std::string tail_below(const std::string& path, const Placement& placement);

/// Moves this process, which another program has moved into the run, back to
/// its cgroup when `placement` was chosen or, if it made room for the run, to
/// the leaf. If the kernel refuses that, it stays.
void leave_run(const Placement& placement) noexcept;

/// As leave_run(), if this process is in `group` or a descendant. Returns
/// whether it was.
bool leave_if_inside(const cgroupfs::Cgroup& group, const Placement& placement);

/// Throws RunError unless `child` is in `group` according to /proc/PID/cgroup
/// (cgroups(7)). A child that has ended is no longer in any cgroup: its exit
/// status shows why.
void verify_membership(const Child& child, const cgroupfs::Cgroup& group,
                       const Placement& placement);

}  // namespace lab
