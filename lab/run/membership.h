// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "cgroupfs/cgroup.h"
#include "lab/os/child.h"
#include "lab/place/placement.h"

namespace lab {

/// `path` of a cgroup below `placement.parent`, from there on. The kernel names
/// cgroups from the hierarchy's root, which this process may not see: this tail
/// is what both names share.
std::string tail_below(const std::string& path, const Placement& placement);

/// Moves this process, which another program has moved into the run, to where
/// it was when `placement` was chosen or, where it made room for the run, to
/// where it went then. Where the kernel refuses that, it stays.
void leave_run(const Placement& placement) noexcept;

/// leave_run(), if this process is in `group` or below. Whether it was.
bool leave_if_inside(const cgroupfs::Cgroup& group, const Placement& placement);

/// Throws RunError unless `child` is in `group` by /proc/PID/cgroup
/// (cgroups(7)). A child that has ended is in none any more: its exit status
/// tells of it.
void verify_membership(const Child& child, const cgroupfs::Cgroup& group,
                       const Placement& placement);

}  // namespace lab
