// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "lab/plan.h"

namespace lab {

/// Where a run makes its cgroups, and why there.
struct Placement {
  cgroupfs::Version version = cgroupfs::Version::v2;
  cgroupfs::Hierarchy hierarchy;
  std::string parent;    ///< directory that gets the run's cgroup
  std::string strategy;  ///< how it was chosen, a clause for people
  std::string mode;      ///< cgroupfs::host_mode() of this host
};

/// Chooses the memory hierarchy and a parent for a run. `--parent` is taken as
/// it is; else v1: the own cgroup of this process; v2: the nearest cgroup, from
/// the own one upwards, that may be written and that delegates `memory` to its
/// children. Nothing is changed. Throws Unavailable.
Placement choose_placement(const Parameters& asked,
                           const cgroupfs::HostFiles& files = {});

/// Why `search` found the memory controller on neither version.
std::string no_memory_controller(const cgroupfs::ControllerSearch& search);

}  // namespace lab
