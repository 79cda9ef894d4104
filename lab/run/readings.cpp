// SPDX-License-Identifier: MIT
#include "lab/run/readings.h"

#include <algorithm>

#include "lab/place/memory_access.h"

namespace lab {
namespace {

using cgroupfs::MemoryController;
using cgroupfs::Version;
using Number = std::optional<std::uint64_t>;

template <typename Read>
Number bytes_of(const Read& read) {
  const auto bytes = if_supported(read);
  return bytes ? Number(bytes->count) : std::nullopt;
}

void add_v1(const MemoryController& memory, Numbers& numbers) {
  numbers["failcnt"] = memory.failcnt();
  const auto control = memory.oom_control();
  numbers["oom_kill"] = control.oom_kill;
  numbers["under_oom"] = control.under_oom ? 1 : 0;
}

void add_v2(const MemoryController& memory, Numbers& numbers) {
  // Kernels before 5.3 count only with what is below.
  const auto local = if_supported([&] { return memory.local_events(); });
  const auto events = local ? *local : memory.events();
  numbers["low"] = events.low;
  numbers["high"] = events.high;
  numbers["max"] = events.max;
  numbers["oom"] = events.oom;
  numbers["oom_kill"] = events.oom_kill;
  numbers["oom_group_kill"] = events.oom_group_kill;
  const auto pressure = if_supported([&] { return memory.pressure(); });
  numbers["stalled_us"] =
      pressure
          ? Number(static_cast<std::uint64_t>(pressure->some.total.count()))
          : std::nullopt;
}

}  // namespace

void add_composition(const cgroupfs::FlatKeyed& stat, Version version,
                     Numbers& numbers) {
  const bool v1 = version == Version::v1;
  const auto get = [&](const char* v1_key, const char* v2_key) {
    return cgroupfs::find(stat, v1 ? v1_key : v2_key);
  };
  numbers["anon"] = get("total_rss", "anon");
  numbers["shmem"] = get("total_shmem", "shmem");
  numbers["huge"] = get("total_rss_huge", "anon_thp");
  Number file = get("total_cache", "file");
  if (file) *file -= std::min(*file, numbers["shmem"].value_or(0));
  numbers["file"] = file;
}

Numbers read_numbers(const StageGroup& group, const PidsLimit* pids) {
  const MemoryController& memory = *group.memory;
  Numbers numbers;
  numbers["usage"] = memory.usage().count;
  numbers["peak"] = bytes_of([&] { return memory.peak(); });
  const Limit limit = memory.max();
  numbers["limit"] = limit.is_max() ? Number() : limit.bytes().count;
  numbers["swap"] = bytes_of([&] { return memory.swap_usage(); });
  numbers["processes"] = group.cgroup.processes().size();
  numbers["forks_refused"] = pids ? pids->record().refused : std::nullopt;
  add_composition(memory.stat(), memory.version(), numbers);
  if (memory.version() == Version::v1) {
    add_v1(memory, numbers);
  } else {
    add_v2(memory, numbers);
  }
  return numbers;
}

Number read_number(const StageGroup& group, const std::string& key,
                   const PidsLimit* pids) {
  const Numbers numbers = read_numbers(group, pids);
  const auto place = numbers.find(key);
  return place == numbers.end() ? std::nullopt : place->second;
}

}  // namespace lab
