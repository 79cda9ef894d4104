// SPDX-License-Identifier: MIT
#include "lab/run/readings.h"

#include <algorithm>

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Key;
using cgroupfs::Memory;
using Number = std::optional<std::uint64_t>;

Number count_of(const std::optional<Bytes>& bytes) {
  return bytes ? Number(bytes->count) : std::nullopt;
}

/// v2. Of the cgroup itself; before 5.3 only with the descendants.
void add_events(const Memory& memory, Numbers& numbers) {
  auto events = memory.events(File::memory_events_local);
  if (!events) events = memory.events();
  if (!events) return;
  numbers["low"] = events->low;
  numbers["high"] = events->high;
  numbers["max"] = events->max;
  numbers["oom"] = events->oom;
  numbers["oom_kill"] = events->oom_kill;
  numbers["oom_group_kill"] = events->oom_group_kill;
  numbers["stalled_us"] = read_stalled_us(memory);
}

/// v1.
void add_oom_control(const Memory& memory, Numbers& numbers) {
  const auto control = memory.oom_control();
  if (!control) return;
  numbers["oom_kill"] = control->oom_kill;
  numbers["under_oom"] = control->under_oom ? 1 : 0;
}

}  // namespace

Composition composition_of(const Memory& memory,
                           const cgroupfs::FlatKeyed& stat) {
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

Number read_stalled_us(const Memory& memory) {
  const auto pressure = memory.pressure();
  if (!pressure) return std::nullopt;
  return static_cast<std::uint64_t>(pressure->some.total.count());
}

Numbers read_numbers(const StageGroup& group, const PidsLimit* pids) {
  const Memory& memory = group.memory;
  Numbers numbers;
  numbers["usage"] = memory.usage().count;
  const Composition parts = composition_of(memory, memory.stat());
  const auto limit = memory.limit(File::memory_max);
  numbers["peak"] = count_of(memory.bytes(File::memory_peak));
  numbers["limit"] =
      !limit || limit->is_max() ? Number() : limit->bytes().count;
  numbers["anon"] = parts.anon;
  numbers["file"] = parts.file;
  numbers["shmem"] = parts.shmem;
  numbers["huge"] = parts.huge;
  numbers["swap"] = parts.swap;
  numbers["processes"] = group.cgroup.processes().size();
  numbers["forks_refused"] = pids ? pids->state().refused : std::nullopt;
  if (const auto failcnt = memory.number(File::memory_failcnt)) {
    numbers["failcnt"] = failcnt;
  }
  add_events(memory, numbers);
  add_oom_control(memory, numbers);
  return numbers;
}

Number read_number(const StageGroup& group, const std::string& key,
                   const PidsLimit* pids) {
  const Numbers numbers = read_numbers(group, pids);
  const auto place = numbers.find(key);
  return place == numbers.end() ? std::nullopt : place->second;
}

}  // namespace lab
