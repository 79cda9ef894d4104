// SPDX-License-Identifier: MIT
#include "lab/watch/tree_kills.h"

#include <algorithm>
#include <utility>

namespace lab {
TreeKills::TreeKills(std::string top, cgroupfs::Version version)
    : top_(std::move(top)),
      counts_are_complete_(version == cgroupfs::Version::v2) {}

std::vector<TreeKill> TreeKills::update(std::vector<LoggedVictim> logged,
                                        const TreeCounts& counts) {
  elsewhere_ += static_cast<std::int64_t>(counts.host.value_or(0)) -
                static_cast<std::int64_t>(counts.twice);
  for (const CountedInTree& more : counts.cgroups) count(more);
  std::vector<TreeKill> kills;
  for (LoggedVictim& each : logged) {
    if (auto kill = place(std::move(each))) kills.push_back(std::move(*kill));
  }
  std::erase_if(accounts_, [](const Account& one) { return one.all() == 0; });
  is_consistent_ = counts.is_consistent;
  name_the_waiting(kills);
  return kills;
}

void TreeKills::count(const CountedInTree& more) {
  elsewhere_ -= static_cast<std::int64_t>(more.kills);
  auto account =
      std::find_if(accounts_.begin(), accounts_.end(),
                   [&](const Account& one) { return one.path == more.path; });
  if (account == accounts_.end()) {
    account = accounts_.insert(account, {more.path, 0, 0});
  }
  account->own += more.own;
  account->removed += more.kills - more.own;
}

/// From the account of the cgroup or, where that was removed, from the nearest
/// one that counts for it.
bool TreeKills::take_off(const KillPlace& place) {
  Account* nearest = nullptr;
  for (Account& one : accounts_) {
    const bool is_own = one.path == place.path;
    if (is_own ? one.all() == 0 : one.removed == 0) continue;
    if (!is_in_tree(place.path, one.path)) continue;
    if (!nearest || one.path.size() > nearest->path.size()) nearest = &one;
  }
  if (!nearest) return false;
  const bool own = nearest->path == place.path && nearest->own > 0;
  --(own ? nearest->own : nearest->removed);
  return true;
}

std::optional<TreeKill> TreeKills::place(LoggedVictim logged) {
  if (logged.is_outside) {
    --elsewhere_;
    return std::nullopt;
  }
  if (!logged.place) {
    waiting_.push_back(std::move(logged.victim));
    return std::nullopt;
  }
  if (!take_off(*logged.place)) {
    // v2: it was reported without a victim, because the log was late.
    if (counts_are_complete_) return std::nullopt;
    --elsewhere_;
  }
  return TreeKill{1, *logged.place, std::move(logged.victim), std::nullopt};
}

bool TreeKills::is_open() const noexcept {
  return !accounts_.empty() || !waiting_.empty() || elsewhere_ > 0;
}

/// Where all open kills of the host are of one cgroup, and each has a victim.
void TreeKills::name_the_waiting(std::vector<TreeKill>& kills) {
  if (accounts_.size() != 1 || elsewhere_ != 0 || !is_consistent_) return;
  Account& only = accounts_.front();
  if (only.all() != waiting_.size()) return;
  for (Victim& victim : waiting_) {
    const bool exact = only.removed == 0;
    kills.push_back({1,
                     {only.path, exact, PlaceSource::counter},
                     std::move(victim),
                     std::nullopt});
  }
  accounts_.clear();
  waiting_.clear();
}

std::vector<TreeKill> TreeKills::settle(const Text& reason) {
  std::vector<TreeKill> kills;
  name_the_waiting(kills);
  waiting_.clear();
  for (const Account& one : std::exchange(accounts_, {})) {
    for (const auto& [count, exact] :
         {std::pair(one.own, true), std::pair(one.removed, false)}) {
      if (count == 0) continue;
      kills.push_back({count,
                       {one.path, exact, PlaceSource::counter},
                       std::nullopt,
                       reason});
    }
  }
  // Below 0 it waits for the next reading of /proc/vmstat.
  if (elsewhere_ <= 0) return kills;
  const auto elsewhere =
      static_cast<std::uint64_t>(std::exchange(elsewhere_, 0));
  if (counts_are_complete_) return kills;
  if (top_ == "/") {
    kills.push_back(
        {elsewhere, {top_, false, PlaceSource::counter}, std::nullopt, reason});
  } else {
    unplaced_ += elsewhere;
  }
  return kills;
}

}  // namespace lab
