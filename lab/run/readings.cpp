// SPDX-License-Identifier: MIT
#include "lab/run/readings.h"

#include <algorithm>

#include "cgroupfs/error.h"
#include "lab/place/memory_access.h"
#include "lab/run/run_cgroups.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Key;
using cgroupfs::Memory;
using Number = std::optional<std::uint64_t>;

Number count_of(const std::optional<Bytes>& bytes) {
  return bytes ? Number(bytes->count) : std::nullopt;
}

/// v2.
void add_events(const Memory& memory, const Counters& counters,
                Numbers& numbers) {
  const auto& events = own_events(counters);
  if (!events) return;
  numbers["low"] = events->low;
  numbers["high"] = events->high;
  numbers["max"] = events->max;
  numbers["oom"] = events->oom;
  numbers["oom_kill"] = events->oom_kill;
  numbers["oom_group_kill"] = events->oom_group_kill;
  const auto stalled = read_stalled(memory);
  numbers["stalled_us"] =
      stalled
          ? Number(static_cast<std::uint64_t>(
                std::chrono::duration_cast<std::chrono::microseconds>(*stalled)
                    .count()))
          : std::nullopt;
}

/// v1.
void add_oom_control(const Memory& memory, Numbers& numbers) {
  const auto control = memory.oom_control();
  if (!control) return;
  numbers["oom_kill"] = control->oom_kill;
  numbers["under_oom"] = control->under_oom ? 1 : 0;
}

}  // namespace

Counters read_counters(const Memory& memory, bool with_swap) {
  Counters counters;
  counters.oom_kills = memory.oom_kills();
  counters.failcnt = memory.number(File::memory_failcnt);
  counters.memsw_failcnt = memory.number(File::memory_memsw_failcnt);
  counters.events = memory.events();
  counters.local_events = memory.events(File::memory_events_local);
  if (with_swap) counters.swap = memory.swap_usage();
  return counters;
}

std::optional<std::uint64_t> read_limit_hits(const Memory& memory) {
  if (const auto failcnt = memory.number(File::memory_failcnt)) {
    return *failcnt + memory.number(File::memory_memsw_failcnt).value_or(0);
  }
  const auto events = memory.events(File::memory_events_local);
  return events ? events->oom : std::nullopt;
}

const std::optional<cgroupfs::MemoryEvents>& own_events(
    const Counters& counters) noexcept {
  return counters.local_events ? counters.local_events : counters.events;
}

std::optional<nanoseconds> read_stalled(const Memory& memory) {
  const auto pressure = memory.pressure();
  if (!pressure) return std::nullopt;
  return pressure->some.total;
}

bool waits_for_memory(const Memory& memory) try {
  const auto control = memory.oom_control();
  return control && control->oom_kill_disable && control->under_oom;
} catch (const cgroupfs::FileError&) {
  return false;
}

std::vector<std::string> disabled_oom_killers(const cgroupfs::Cgroup& group) {
  std::vector<std::string> paths;
  const auto memory = try_open_memory(group.path(), group.version());
  if (memory && waits_for_memory(*memory)) paths.push_back(group.path());
  try {
    for (const std::string& name : group.directory().subdirectories()) {
      const std::string path = group.directory().path_of(name);
      const auto more =
          disabled_oom_killers(cgroupfs::Cgroup::open(path, group.version()));
      paths.insert(paths.end(), more.begin(), more.end());
    }
  } catch (const cgroupfs::FileError&) {
    // It was removed meanwhile.
  }
  return paths;
}

std::optional<Peak> read_peak(const Memory& memory) {
  const auto peak = memory.bytes(File::memory_peak);
  if (!peak) return std::nullopt;
  return Peak{*peak, name_of(File::memory_peak, memory.version())};
}

std::optional<Peak> peak_of(const Samples& samples) {
  if (samples.usage.empty()) return std::nullopt;
  const Column& usage = samples.usage.front();
  const auto highest = std::max_element(usage.begin(), usage.end());
  if (highest == usage.end()) return std::nullopt;
  return Peak{Bytes{*highest}, "samples"};
}

Composition read_composition(const Memory& memory) {
  const cgroupfs::FlatKeyed stat = memory.stat();
  Composition parts;
  parts.anon = memory.find(stat, Key::anon);
  parts.shmem = memory.find(stat, Key::shmem);
  parts.huge = memory.find(stat, Key::anon_thp);
  parts.kernel = memory.find(stat, Key::kernel);
  parts.file = memory.find(stat, Key::file);
  if (parts.file) {
    *parts.file -= std::min(*parts.file, parts.shmem.value_or(0));
  }
  parts.swap = is_on(File::memory_swap_current, memory.version())
                   ? count_of(memory.bytes(File::memory_swap_current))
                   : memory.find(stat, Key::swap);
  return parts;
}

Numbers read_numbers(const RunCgroup& cgroup, const PidsLimit* pids) {
  const Memory& memory = cgroup.memory;
  Numbers numbers;
  numbers["usage"] = memory.usage().count;
  const Composition parts = read_composition(memory);
  const Counters counters = read_counters(memory, false);
  const auto limit = memory.limit(File::memory_max);
  numbers["peak"] = count_of(memory.bytes(File::memory_peak));
  numbers["limit"] =
      !limit || limit->is_max() ? Number() : limit->bytes().count;
  numbers["anon"] = parts.anon;
  numbers["file"] = parts.file;
  numbers["shmem"] = parts.shmem;
  numbers["huge"] = parts.huge;
  numbers["swap"] = parts.swap;
  numbers["processes"] = cgroup.cgroup.processes().size();
  numbers["forks_refused"] = pids ? pids->refused() : std::nullopt;
  if (counters.failcnt) numbers["failcnt"] = counters.failcnt;
  add_events(memory, counters, numbers);
  add_oom_control(memory, numbers);
  return numbers;
}

Number read_number(const RunCgroup& cgroup, const std::string& key,
                   const PidsLimit* pids) {
  const Numbers numbers = read_numbers(cgroup, pids);
  const auto place = numbers.find(key);
  return place == numbers.end() ? std::nullopt : place->second;
}

}  // namespace lab
