// SPDX-License-Identifier: MIT
#include "lab/counters.h"

#include <algorithm>
#include <utility>

#include "lab/cgroup_path.h"
#include "lab/memory_access.h"

namespace lab {
namespace {

using cgroupfs::MemoryController;
using cgroupfs::Version;

std::optional<std::uint64_t> read_hits(const MemoryController& memory) {
  if (memory.version() == Version::v1) {
    const auto memsw = if_supported([&] { return memory.memsw_failcnt(); });
    return memory.failcnt() + memsw.value_or(0);
  }
  const auto events = if_supported([&] { return memory.local_events(); });
  return events ? events->oom : std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> read_oom_kills(const MemoryController& memory) {
  return if_supported([&] { return memory.oom_kills(); });
}

/// Asks only for what the version has: a throw costs milliseconds in a static
/// program, and a whole run takes ten.
Counters read_counters(const MemoryController& memory, bool with_swap) {
  Counters counters;
  counters.oom_kills = read_oom_kills(memory);
  if (memory.version() == Version::v1) {
    counters.failcnt = memory.failcnt();
    counters.memsw_failcnt =
        if_supported([&] { return memory.memsw_failcnt(); });
  } else {
    counters.events = memory.events();
    counters.local_events = if_supported([&] { return memory.local_events(); });
  }
  if (with_swap) {
    counters.swap = if_supported([&] { return memory.swap_usage(); });
  }
  return counters;
}

std::optional<nanoseconds> read_stalled(const MemoryController& memory) {
  const auto pressure = if_supported([&] { return memory.pressure(); });
  if (!pressure) return std::nullopt;
  return pressure->some.total;
}

std::optional<Peak> read_peak(const MemoryController& memory) {
  const auto peak = if_supported([&] { return memory.peak(); });
  if (!peak) return std::nullopt;
  return Peak{*peak, memory.version() == Version::v1
                         ? "memory.max_usage_in_bytes"
                         : "memory.peak"};
}

std::optional<Peak> peak_of(const Samples& samples) {
  const auto highest =
      std::max_element(samples.usage.begin(), samples.usage.end());
  if (highest == samples.usage.end()) return std::nullopt;
  return Peak{Bytes{*highest}, "samples"};
}

Ancestors::Ancestors(const std::string& directory,
                     const std::string& mount_point, Version version) {
  for (const std::string& path : upwards(directory, mount_point)) {
    auto memory = try_open_memory(path, version);
    if (!memory) continue;
    Ancestor record{path, std::nullopt, read_hits(*memory), std::nullopt};
    entries_.push_back({std::move(memory), std::move(record)});
  }
}

void Ancestors::read_limits() {
  for (Entry& entry : entries_) {
    entry.record.max = if_supported([&] { return entry.memory->max(); });
  }
  // The root of a v2 hierarchy has no limit.
  std::erase_if(entries_, [](const Entry& entry) { return !entry.record.max; });
}

std::vector<Ancestor> Ancestors::finish() {
  std::vector<Ancestor> records;
  for (Entry& entry : entries_) {
    entry.record.hits_after = read_hits(*entry.memory);
    records.push_back(std::move(entry.record));
  }
  return records;
}

}  // namespace lab
