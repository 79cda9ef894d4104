// SPDX-License-Identifier: MIT
#include "lab/watch/conclude.h"

#include <algorithm>

namespace lab {
namespace {

using cgroupfs::File;

using Count = std::optional<std::uint64_t>;

Count rise_of(const Count& before, const Count& after) {
  if (!before || !after) return std::nullopt;
  return *after - std::min(*before, *after);
}

using Events = std::optional<cgroupfs::MemoryEvents>;

Events rise_of(const Events& before, const Events& after) {
  if (!before || !after) return std::nullopt;
  return cgroupfs::MemoryEvents{
      rise_of(before->low, after->low),
      rise_of(before->high, after->high),
      rise_of(before->max, after->max),
      rise_of(before->oom, after->oom),
      rise_of(before->oom_kill, after->oom_kill),
      rise_of(before->oom_group_kill, after->oom_group_kill)};
}

}  // namespace

std::vector<LimitChange> limit_changes(const std::vector<LimitReading>& before,
                                       const std::vector<LimitReading>& after) {
  std::vector<LimitChange> changes;
  for (const LimitReading& now : after) {
    const auto old = std::find_if(
        before.begin(), before.end(), [&](const LimitReading& reading) {
          return reading.path == now.path && reading.file == now.file;
        });
    if (old == before.end() || old->limit == now.limit) continue;
    changes.push_back({now.path, now.file, old->limit, now.limit});
  }
  return changes;
}

Counters growth(const Counters& before, const Counters& after) {
  Counters rises;
  rises.oom_kills = rise_of(before.oom_kills, after.oom_kills);
  rises.events = rise_of(before.events, after.events);
  rises.local_events = rise_of(before.local_events, after.local_events);
  rises.failcnt = rise_of(before.failcnt, after.failcnt);
  rises.memsw_failcnt = rise_of(before.memsw_failcnt, after.memsw_failcnt);
  return rises;
}

}  // namespace lab
