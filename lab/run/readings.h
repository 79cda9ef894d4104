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

/// What the usage of a cgroup and its descendants consists of, in bytes. What
/// this kernel does not count is nullopt.
struct Composition {
  std::optional<std::uint64_t> anon;
  std::optional<std::uint64_t> file;  ///< page cache of files, without shmem
  std::optional<std::uint64_t> shmem;
  std::optional<std::uint64_t> huge;  ///< of anon, in huge pages
  std::optional<std::uint64_t> kernel;
  std::optional<std::uint64_t> swap;
};

/// From `stat`, which is memory.stat of `memory`. Throws cgroupfs::FileError.
Composition composition_of(const cgroupfs::Memory& memory,
                           const cgroupfs::FlatKeyed& stat);

/// How long tasks were stalled for memory (PSI `some`), in microseconds.
std::optional<std::uint64_t> read_stalled_us(const cgroupfs::Memory& memory);

}  // namespace lab
