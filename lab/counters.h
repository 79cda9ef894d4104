// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "cgroupfs/memory.h"
#include "lab/record.h"

namespace lab {

/// Every counter that `memory` offers; what it lacks stays absent.
Counters read_counters(const cgroupfs::MemoryController& memory);

/// oom_kills(); nullopt where the kernel has no such counter.
std::optional<std::uint64_t> read_oom_kills(
    const cgroupfs::MemoryController& memory);

/// The highest usage and the file that keeps it; nullopt where there is none.
std::optional<Peak> read_peak(const cgroupfs::MemoryController& memory);

/// The cgroups that have a limit of their own from `directory` upwards, within
/// the hierarchy mounted at `mount_point`, nearest first, with their
/// `hits_before`.
std::vector<Ancestor> read_ancestors(const std::string& directory,
                                     const std::string& mount_point,
                                     cgroupfs::Version version);

/// Fills in `hits_after`.
void update_ancestors(std::vector<Ancestor>& ancestors,
                      cgroupfs::Version version);

}  // namespace lab
