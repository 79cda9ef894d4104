// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "cgroupfs/interface_files.h"
#include "lab/place/placement.h"
#include "lab/record/record.h"

namespace lab {

/// The file that limits swap: only swap (v2), memory plus swap (v1).
cgroupfs::File swap_limit_file(cgroupfs::Version version) noexcept;

/// Whether this kernel accounts swap to cgroups in `placement.parent`. On v2 a
/// parent that is the root, does not exist yet, or lacks the memory controller
/// does not show it: then whether the kernel supports swap at all. Throws
/// cgroupfs::FileError.
bool accounts_swap(const Placement& placement);

/// Whether this host has swap; nullopt where that is unknown.
std::optional<bool> host_swaps(const Environment& environment) noexcept;

}  // namespace lab
