// SPDX-License-Identifier: MIT
#pragma once

#include "cgroupfs/cgroup.h"
#include "lab/record/record.h"

namespace lab {

/// The file that limits swap: of swap alone (v2), of memory and swap (v1).
cgroupfs::File swap_limit_file(cgroupfs::Version version) noexcept;

/// Whether this kernel accounts swap to `group` or, where that is the root of a
/// v2 hierarchy or does not have the memory controller yet, to its children.
bool accounts_swap(const cgroupfs::Cgroup& group);

/// Whether this host swaps; false, too, where that is not known.
bool host_swaps(const Environment& environment) noexcept;

}  // namespace lab
