// SPDX-License-Identifier: MIT
#include "lab/watch/tree_kills.h"

#include <algorithm>
#include <utility>

#include "lab/watch/tree.h"

namespace lab {

TreeKills::TreeKills(cgroupfs::Version version, bool is_whole, bool has_log,
                     std::function<bool(const std::string&)> exists)
    : counts_are_complete_(version == cgroupfs::Version::v2),
      is_whole_(is_whole),
      has_log_(has_log),
      exists_(std::move(exists)) {}

std::vector<TreeKill> TreeKills::update(std::vector<LoggedVictim> logged,
                                        const TreeCounts& counts) {
  // The host was read after the counters of the last time: it has them all.
  elsewhere_ = std::max<std::int64_t>(
      elsewhere_ + static_cast<std::int64_t>(counts.host.value_or(0)), 0);
  is_consistent_ = counts.is_consistent;
  for (const CountedInTree& more : counts.cgroups) count(more);
  if (!has_log_) {
    groups_.insert(groups_.end(), counts.groups.begin(), counts.groups.end());
    take_off_groups();
  }
  for (LoggedVictim& each : logged) {
    if (each.is_outside) {
      --elsewhere_;
    } else {
      waiting_.push_back({std::move(each), false});
    }
  }
  std::vector<TreeKill> kills;
  std::erase_if(waiting_, [&](Waiting& each) {
    return is_found(each, counts_are_complete_, kills);
  });
  std::erase_if(accounts_, [](const Account& one) { return one.all() == 0; });
  name_the_waiting(kills);
  return kills;
}

void TreeKills::count(const CountedInTree& more) {
  elsewhere_ -= static_cast<std::int64_t>(more.kills);
  auto account =
      std::find_if(accounts_.begin(), accounts_.end(), [&](const Account& one) {
        return one.path == more.path && !one.is_ripe;
      });
  if (account == accounts_.end()) {
    account = accounts_.insert(account, {more.path, 0, 0, false});
  }
  account->own += more.own;
  account->removed += more.kills - more.own;
}

/// One kill in the cgroup at `path` from its own account or, if it was removed,
/// from the nearest one that counts for it.
bool TreeKills::take_off(const std::string& path) {
  const bool exists = exists_(path);
  Account* nearest = nullptr;
  for (Account& one : accounts_) {
    const bool is_own = one.path == path;
    if (is_own ? one.all() == 0 : exists || one.removed == 0) continue;
    if (!is_in_tree(path, one.path)) continue;
    if (!nearest || one.path.size() > nearest->path.size()) nearest = &one;
  }
  if (!nearest) return false;
  const bool own = nearest->path == path && nearest->own > 0;
  --(own ? nearest->own : nearest->removed);
  return true;
}

/// Without a log it is unknown whether the first victim was still there to be
/// counted again: it nearly always is.
void TreeKills::take_off_groups() {
  std::erase_if(groups_, [&](const std::string& group) {
    Account* twice = nullptr;
    for (Account& one : accounts_) {
      if (one.all() == 0 || !is_in_tree(one.path, group)) continue;
      if (!twice || one.all() > twice->all()) twice = &one;
    }
    if (twice) --(twice->removed > 0 ? twice->removed : twice->own);
    return twice != nullptr;
  });
}

bool TreeKills::is_found(Waiting& waiting, bool counts_are_complete,
                         std::vector<TreeKill>& kills) {
  LoggedVictim& logged = waiting.logged;
  if (!logged.place) return false;
  if (!take_off(logged.place->path)) {
    // A cgroup that exists would have counted it.
    const bool is_lost =
        !counts_are_complete && elsewhere_ > 0 && !exists_(logged.place->path);
    if (!is_lost || logged.is_repeated) return false;
    --elsewhere_;
  }
  if (logged.is_repeated) return true;
  kills.push_back({1, *logged.place, std::move(logged.victim),
                   std::move(logged.limit_of), std::nullopt});
  return true;
}

bool TreeKills::is_open() const noexcept {
  return !accounts_.empty() || !waiting_.empty() || elsewhere_ > 0;
}

/// Where all open kills of the host are of one cgroup, and each has a victim.
void TreeKills::name_the_waiting(std::vector<TreeKill>& kills) {
  if (accounts_.empty() || elsewhere_ != 0 || !is_consistent_) return;
  const std::string path = accounts_.front().path;
  std::uint64_t counted = 0;
  bool exact = true;
  for (const Account& one : accounts_) {
    if (one.path != path) return;
    counted += one.all();
    exact &= one.removed == 0;
  }
  const bool all_unplaced =
      std::all_of(waiting_.begin(), waiting_.end(),
                  [](const Waiting& each) { return !each.logged.place; });
  if (counted != waiting_.size() || !all_unplaced) return;
  for (Waiting& each : waiting_) {
    if (each.logged.is_repeated) continue;
    kills.push_back({1,
                     {path, exact, PlaceSource::counter},
                     std::move(each.logged.victim),
                     std::move(each.logged.limit_of),
                     std::nullopt});
  }
  accounts_.clear();
  waiting_.clear();
}

std::vector<TreeKill> TreeKills::settle(const Text& reason) {
  std::vector<TreeKill> kills;
  for (const Account& one : accounts_) {
    if (!one.is_ripe) continue;
    for (const auto& [count, exact] :
         {std::pair(one.own, true), std::pair(one.removed, false)}) {
      if (count == 0) continue;
      kills.push_back({count,
                       {one.path, exact, PlaceSource::counter},
                       std::nullopt,
                       std::nullopt,
                       reason});
    }
  }
  std::erase_if(accounts_, [](const Account& one) { return one.is_ripe; });
  std::erase_if(waiting_, [](const Waiting& each) { return each.is_ripe; });
  settle_elsewhere(reason, kills);
  for (Account& one : accounts_) one.is_ripe = true;
  for (Waiting& each : waiting_) each.is_ripe = true;
  ripe_elsewhere_ = elsewhere_;
  return kills;
}

void TreeKills::settle_elsewhere(const Text& reason,
                                 std::vector<TreeKill>& kills) {
  const std::int64_t ripe = std::min(ripe_elsewhere_, elsewhere_);
  if (ripe <= 0) return;
  elsewhere_ -= ripe;
  if (counts_are_complete_) return;
  const auto count = static_cast<std::uint64_t>(ripe);
  if (is_whole_) {
    kills.push_back({count,
                     {"/", false, PlaceSource::counter},
                     std::nullopt,
                     std::nullopt,
                     reason});
  } else {
    unplaced_ += count;
  }
}

std::vector<TreeKill> TreeKills::finish(const Text& reason, bool top_is_gone) {
  std::vector<TreeKill> kills;
  if (top_is_gone) {
    std::erase_if(waiting_, [&](Waiting& each) {
      return is_found(each, /*counts_are_complete=*/false, kills);
    });
  }
  for (int i = 0; i < 2; ++i) {
    for (TreeKill& kill : settle(reason)) kills.push_back(std::move(kill));
  }
  return kills;
}

}  // namespace lab
