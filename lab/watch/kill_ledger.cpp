// SPDX-License-Identifier: MIT
#include "lab/watch/kill_ledger.h"

#include <algorithm>
#include <utility>

namespace lab {

KillLedger::KillLedger(KernelName name, cgroupfs::Version version, bool has_log)
    : name_(std::move(name)),
      counts_for_all_(version == cgroupfs::Version::v2),
      has_log_(has_log) {}

std::vector<WatchedKill> KillLedger::update(
    const std::vector<Victim>& logged, const std::vector<CountedKills>& counted,
    const std::vector<Victim>& twice) {
  for (const CountedKills& more : counted) count(more);
  for (const Victim& victim : twice) take_off_repeated(victim);
  std::vector<WatchedKill> kills;
  for (const Victim& victim : logged) {
    if (!victim.task_memcg || !name_.holds(*victim.task_memcg)) continue;
    take_off(*victim.task_memcg);
    kills.push_back({1, victim, std::nullopt});
  }
  // A victim without a count is not compensated later.
  balance_for_all_ = std::max(balance_for_all_, -groups_);
  std::erase_if(accounts_,
                [](const Account& account) { return account.balance == 0; });
  return kills;
}

/// Where the rate-limited log does not place it, it is of a group that was
/// counted here.
void KillLedger::take_off_repeated(const Victim& victim) {
  const bool is_here =
      victim.task_memcg ? name_.holds(*victim.task_memcg) : logged_groups_ > 0;
  if (!is_here) return;
  --balance_for_all_;
  if (logged_groups_ > 0) --logged_groups_;
}

void KillLedger::count(const CountedKills& more) {
  const std::int64_t kills = kills_in(more);
  if (counts_for_all_) {
    balance_for_all_ += kills;
  } else {
    accounts_.push_back({more.where, kills});
  }
}

/// A victim is logged after it is counted: if its cgroup has no open count,
/// that was removed with the directory.
void KillLedger::take_off(const std::string& task_memcg) {
  if (counts_for_all_) {
    --balance_for_all_;
    return;
  }
  const auto account =
      std::find_if(accounts_.begin(), accounts_.end(), [&](const Account& one) {
        return one.balance > 0 &&
               (one.where.is(task_memcg) || may_be_cut(task_memcg));
      });
  if (account != accounts_.end()) --account->balance;
}

/// The first of a group that is killed together is counted twice, and the group
/// once in between.
std::int64_t KillLedger::kills_in(const CountedKills& more) {
  if (has_log_) {
    logged_groups_ += more.group_kills;
    return static_cast<std::int64_t>(more.kills);
  }
  groups_ += static_cast<std::int64_t>(more.group_kills);
  counted_twice_ += more.group_kills;
  const std::uint64_t twice = std::min(more.kills, counted_twice_);
  counted_twice_ -= twice;
  return static_cast<std::int64_t>(more.kills - twice);
}

std::uint64_t KillLedger::owed() const noexcept {
  std::int64_t kills = std::max<std::int64_t>(balance_for_all_, 0);
  for (const Account& account : accounts_) kills += account.balance;
  return static_cast<std::uint64_t>(kills);
}

std::optional<WatchedKill> KillLedger::settle(Text reason) {
  const std::uint64_t kills = owed();
  if (kills == 0) return std::nullopt;
  balance_for_all_ = 0;
  accounts_.clear();
  return WatchedKill{kills, std::nullopt, std::move(reason)};
}

}  // namespace lab
