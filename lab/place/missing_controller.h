// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "cgroupfs/hierarchy.h"

namespace lab {

/// The cure where find_controller() has found `controller` on neither version,
/// or not on the requested version `asked`: the command that mounts its
/// hierarchy where this host has the others, or another obstacle found in
/// /proc/cgroups (cgroups(7)). See Unavailable::fix(). Empty where nothing
/// helps. Throws cgroupfs::FileError and cgroupfs::ParseError.
std::string missing_controller_cure(
    const std::string& controller, const cgroupfs::HostFiles& files = {},
    std::optional<cgroupfs::Version> asked = std::nullopt);

}  // namespace lab
