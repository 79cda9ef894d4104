// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/memory.h"
#include "lab/record/record.h"
#include "lab/run/pids_limit.h"

/// Readings of the interface files of a cgroup at one moment.
namespace lab {

struct RunCgroup;

/// Every counter that `memory` has; others stay absent. The swap usage stays
/// absent, too, without `with_swap`: v1 has it in memory.stat, which takes as
/// long to read as all the others.
Counters read_counters(const cgroupfs::Memory& memory, bool with_swap);

/// How often the cgroup's own limit was hit: the failcnt of memory and memsw
/// together (v1), `oom` of memory.events.local (v2); nullopt where the kernel
/// does not report it. Throws cgroupfs::FileError and cgroupfs::ParseError.
std::optional<std::uint64_t> read_limit_hits(const cgroupfs::Memory& memory);

/// v2: the events of the cgroup itself; before Linux 5.3, which lacks
/// memory.events.local, also those of its descendants.
const std::optional<cgroupfs::MemoryEvents>& own_events(
    const Counters& counters) noexcept;

/// How long tasks have stalled on memory (PSI `some`); nullopt where the kernel
/// does not report it.
std::optional<nanoseconds> read_stalled(const cgroupfs::Memory& memory);

/// v1: whether the OOM killer of `memory` is disabled, and a process waits
/// there for memory (under_oom).
bool waits_for_memory(const cgroupfs::Memory& memory);

/// v1: the directories of `group` and its descendants for which that is true.
std::vector<std::string> disabled_oom_killers(const cgroupfs::Cgroup& group);

/// The highest usage and the file that has it; nullopt where there is none.
std::optional<Peak> read_peak(const cgroupfs::Memory& memory);

/// The highest sample, where the kernel keeps no peak: usage may have been
/// higher in between. nullopt without samples.
std::optional<Peak> peak_of(const Samples& samples);

/// The composition of the usage of a cgroup and its descendants, in bytes.
/// Values that this kernel does not count are nullopt.
struct Composition {
  std::optional<std::uint64_t> anon;
  std::optional<std::uint64_t> file;  ///< page cache of files, without shmem
  std::optional<std::uint64_t> shmem;
  std::optional<std::uint64_t> huge;  ///< the part of anon in huge pages
  std::optional<std::uint64_t> kernel;
  std::optional<std::uint64_t> swap;
};

/// From memory.stat of `memory`. Throws cgroupfs::FileError.
Composition read_composition(const cgroupfs::Memory& memory);

/// Numbers with their names in claims and records.
using Numbers = std::map<std::string, std::optional<std::uint64_t>>;

/// Every number of `cgroup` that this kernel reports: usage, peak, limit, swap,
/// counters of the cgroup itself (not of its descendants), the parts of
/// memory.stat, tasks. `pids` may be nullptr.
Numbers read_numbers(const RunCgroup& cgroup, const PidsLimit* pids);

/// One of them; nullopt also when there is no such key.
std::optional<std::uint64_t> read_number(const RunCgroup& cgroup,
                                         const std::string& key,
                                         const PidsLimit* pids);

}  // namespace lab
