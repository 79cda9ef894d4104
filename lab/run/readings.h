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

/// What the interface files of a cgroup say at one moment.
namespace lab {

struct RunCgroup;

/// Every counter that `memory` offers; what it lacks stays absent. The swap
/// usage stays absent too without `with_swap`: v1 keeps it in memory.stat,
/// which takes as long to read as all the rest.
Counters read_counters(const cgroupfs::Memory& memory, bool with_swap);

/// How often the cgroup's own limit was hit: the failcnt of memory and memsw
/// together (v1), `oom` of memory.events.local (v2); nullopt where the kernel
/// does not report it. Throws cgroupfs::FileError and cgroupfs::ParseError.
std::optional<std::uint64_t> read_limit_hits(const cgroupfs::Memory& memory);

/// v2: what happened in the cgroup itself; before Linux 5.3, which has no
/// memory.events.local, in its descendants too.
const std::optional<cgroupfs::MemoryEvents>& own_events(
    const Counters& counters) noexcept;

/// How long tasks have waited for memory (PSI `some`); nullopt where the kernel
/// does not report it.
std::optional<nanoseconds> read_stalled(const cgroupfs::Memory& memory);

/// v1: the OOM killer of `memory` is disabled, and a process that would be its
/// victim, or another, waits there for memory (under_oom).
bool waits_for_memory(const cgroupfs::Memory& memory);

/// v1: the directories of `group` and its descendants of which that is true.
std::vector<std::string> disabled_oom_killers(const cgroupfs::Cgroup& group);

/// The highest usage and the file that keeps it; nullopt where there is none.
std::optional<Peak> read_peak(const cgroupfs::Memory& memory);

/// The highest of the samples, where the kernel keeps no peak: usage may have
/// been higher in between. nullopt without samples.
std::optional<Peak> peak_of(const Samples& samples);

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

/// From memory.stat of `memory`. Throws cgroupfs::FileError.
Composition read_composition(const cgroupfs::Memory& memory);

/// By the names that claims and records have for them.
using Numbers = std::map<std::string, std::optional<std::uint64_t>>;

/// Every number of `cgroup` that this kernel reports: usage, peak, limit, swap,
/// counters of the cgroup itself (not of those below it), the parts of
/// memory.stat, tasks. `pids` may be nullptr.
Numbers read_numbers(const RunCgroup& cgroup, const PidsLimit* pids);

/// One of them; nullopt too when there is no such key.
std::optional<std::uint64_t> read_number(const RunCgroup& cgroup,
                                         const std::string& key,
                                         const PidsLimit* pids);

}  // namespace lab
