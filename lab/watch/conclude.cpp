// SPDX-License-Identifier: MIT
#include "lab/watch/conclude.h"

#include <algorithm>

namespace lab {
namespace {

using Count = std::optional<std::uint64_t>;

Bytes headroom(const LimitReading& reading) {
  const std::uint64_t limit = reading.limit.bytes().count;
  return {limit - std::min(limit, reading.usage.count)};
}

template <typename Counts>
std::optional<BindingLimit> tightest(const std::vector<LimitReading>& readings,
                                     const Counts& counts) {
  std::optional<BindingLimit> tightest;
  for (const LimitReading& reading : readings) {
    if (reading.limit.is_max() || !counts(reading.kind)) continue;
    const Bytes room = headroom(reading);
    if (tightest && tightest->headroom <= room) continue;
    tightest = BindingLimit{reading.path, reading.kind, reading.limit.bytes(),
                            reading.usage, room};
  }
  return tightest;
}

Count rise(const Count& before, const Count& after) {
  if (!before || !after) return std::nullopt;
  return *after - std::min(*before, *after);
}

using Events = std::optional<cgroupfs::MemoryEvents>;

Events rise(const Events& before, const Events& after) {
  if (!before || !after) return std::nullopt;
  return cgroupfs::MemoryEvents{
      rise(before->low, after->low),
      rise(before->high, after->high),
      rise(before->max, after->max),
      rise(before->oom, after->oom),
      rise(before->oom_kill, after->oom_kill),
      rise(before->oom_group_kill, after->oom_group_kill)};
}

}  // namespace

std::optional<BindingLimit> binding_limit(
    const std::vector<LimitReading>& readings) {
  return tightest(readings, [](LimitKind kind) {
    return kind == LimitKind::hard || kind == LimitKind::memsw;
  });
}

std::optional<BindingLimit> binding_high(
    const std::vector<LimitReading>& readings) {
  return tightest(readings,
                  [](LimitKind kind) { return kind == LimitKind::high; });
}

OwnLimits limits_of(const std::string& path,
                    const std::vector<LimitReading>& readings) {
  const auto limit = [&](LimitKind kind) -> std::optional<Limit> {
    for (const LimitReading& reading : readings) {
      if (reading.path == path && reading.kind == kind) return reading.limit;
    }
    return std::nullopt;
  };
  return {limit(LimitKind::hard), limit(LimitKind::high),
          limit(LimitKind::swap), limit(LimitKind::memsw)};
}

std::vector<LimitChange> limit_changes(const std::vector<LimitReading>& before,
                                       const std::vector<LimitReading>& after) {
  std::vector<LimitChange> changes;
  for (const LimitReading& now : after) {
    const auto old = std::find_if(
        before.begin(), before.end(), [&](const LimitReading& reading) {
          return reading.path == now.path && reading.kind == now.kind;
        });
    if (old == before.end() || old->limit == now.limit) continue;
    changes.push_back({now.path, now.kind, old->limit, now.limit});
  }
  return changes;
}

Counters growth(const Counters& before, const Counters& after) {
  Counters rises;
  rises.oom_kills = rise(before.oom_kills, after.oom_kills);
  rises.events = rise(before.events, after.events);
  rises.local_events = rise(before.local_events, after.local_events);
  rises.failcnt = rise(before.failcnt, after.failcnt);
  rises.memsw_failcnt = rise(before.memsw_failcnt, after.memsw_failcnt);
  return rises;
}

}  // namespace lab
