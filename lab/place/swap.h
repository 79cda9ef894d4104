// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "cgroupfs/interface_files.h"
#include "lab/place/placement.h"
#include "lab/record/record.h"

namespace lab {

/// The file that limits swap: of swap alone (v2), of memory and swap (v1).
cgroupfs::File swap_limit_file(cgroupfs::Version version) noexcept;

/// Whether this kernel accounts swap to cgroups that are made in
/// `placement.parent`. On v2 a parent that is the root, not there yet, or
/// without the memory controller does not say: there by whether the kernel has
/// swap at all. Throws cgroupfs::FileError.
bool accounts_swap(const Placement& placement);

/// Whether this host swaps; nullopt where that is not known.
std::optional<bool> host_swaps(const Environment& environment) noexcept;

}  // namespace lab
