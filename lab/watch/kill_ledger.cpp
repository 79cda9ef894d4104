// SPDX-License-Identifier: MIT
#include "lab/watch/kill_ledger.h"

#include <algorithm>
#include <utility>

#include "lab/watch/conclude.h"

namespace lab {
KillLedger::KillLedger(KernelName name, const Counters& before)
    : name_(std::move(name)), last_(before) {}

std::vector<WatchedKill> KillLedger::update(const std::vector<Victim>& logged,
                                            const Counters& now) {
  std::vector<WatchedKill> kills;
  for (const Victim& victim : logged) {
    if (!victim.task_memcg || !name_.holds(*victim.task_memcg)) continue;
    kills.push_back({1, victim, std::nullopt});
  }
  balance_ += static_cast<std::int64_t>(kills_in(growth(last_, now)));
  balance_ -= static_cast<std::int64_t>(kills.size());
  // A victim whose counter went with its cgroup is not made up for later.
  balance_ = std::max(balance_, -groups_);
  last_ = now;
  return kills;
}

/// The first of a group that dies together is counted twice, and the group once
/// in between.
std::uint64_t KillLedger::kills_in(const Counters& rise) {
  const std::uint64_t groups =
      rise.events ? rise.events->oom_group_kill.value_or(0) : 0;
  groups_ += static_cast<std::int64_t>(groups);
  counted_twice_ += groups;
  const std::uint64_t kills = rise.oom_kills.value_or(0);
  const std::uint64_t twice = std::min(kills, counted_twice_);
  counted_twice_ -= twice;
  return kills - twice;
}

std::uint64_t KillLedger::owed() const noexcept {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(balance_, 0));
}

std::optional<WatchedKill> KillLedger::settle(std::string reason) {
  const std::uint64_t kills = owed();
  if (kills == 0) return std::nullopt;
  balance_ = 0;
  return WatchedKill{kills, std::nullopt, std::move(reason)};
}

}  // namespace lab
