// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "cgroupfs/hierarchy.h"

namespace lab {

/// The cure where find_controller() has found `controller` on neither version,
/// or not on the version that was `asked` for: the command that mounts its
/// hierarchy where this host has the others, or, by /proc/cgroups (cgroups(7)),
/// what else keeps it away. See Unavailable::fix(). Empty where nothing helps.
/// Throws cgroupfs::FileError and cgroupfs::ParseError.
std::string missing_controller_cure(
    const std::string& controller, const cgroupfs::HostFiles& files = {},
    std::optional<cgroupfs::Version> asked = std::nullopt);

}  // namespace lab
