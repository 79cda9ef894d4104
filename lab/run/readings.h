// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "lab/run/stage_groups.h"

namespace lab {

using Numbers = std::map<std::string, std::optional<std::uint64_t>>;

/// Every number of `group` that this kernel tells: usage, peak, limit, swap,
/// counters of the cgroup itself (not of those below it), the parts of
/// memory.stat, tasks. `pids` may be nullptr.
Numbers read_numbers(const StageGroup& group, const PidsLimit* pids);

/// One of them; nullopt too when there is no such key.
std::optional<std::uint64_t> read_number(const StageGroup& group,
                                         const std::string& key,
                                         const PidsLimit* pids);

/// The parts of memory.stat that are told of: anon, file (page cache of files,
/// without shmem), shmem, huge.
void add_composition(const cgroupfs::FlatKeyed& stat, cgroupfs::Version version,
                     Numbers& numbers);

}  // namespace lab
