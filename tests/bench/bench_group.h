// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "cgroupfs/cgroup.h"
#include "lab/place/placement.h"

namespace bench {

/// Where this process may create cgroups; chosen once. Ends the program with a
/// message and status 77 where there is no such place.
const lab::Placement& placement();

/// A new cgroup "cglab.bench-NUMBER.<owner>" below placement().
cgroupfs::Cgroup make_group();

/// The program `name` of this build tree: next to this one, or in the sibling
/// folder `folder`.
std::string program(const std::string& folder, const std::string& name);

}  // namespace bench
