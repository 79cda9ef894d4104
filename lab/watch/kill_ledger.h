// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "lab/place/kernel_name.h"
#include "lab/watch/sample.h"

namespace lab {

/// OOM kills that a cgroup has counted since the reading before.
struct CountedKills {
  KernelName where;  ///< the cgroup
  std::uint64_t kills = 0;
  std::uint64_t group_kills = 0;  ///< v2: of groups that died together
};

/// Brings together the kills that counters report and the victims that the
/// kernel's log names, whichever comes first, so that each kill is reported
/// once. On v1, where each cgroup counts its own kills, a victim belongs to the
/// count of its own cgroup alone: the count of a cgroup that was removed before
/// it was read never comes, and must not be taken for that of another.
class KillLedger {
 public:
  /// `name` is that of the watched cgroup.
  KillLedger(KernelName name, cgroupfs::Version version);

  /// The watched cgroup has this name from now on.
  void rename(KernelName name) { name_ = std::move(name); }
  /// Takes victims from the log and then what was counted, read in this order.
  /// The kills that can be reported at once: those with a victim.
  std::vector<WatchedKill> update(const std::vector<Victim>& logged,
                                  const std::vector<CountedKills>& counted);
  /// How many counted kills have no victim yet.
  std::uint64_t owed() const noexcept;
  /// The owed ones as one report without a victim, for `reason`; nullopt when
  /// none is owed.
  std::optional<WatchedKill> settle(std::string reason);

 private:
  /// Kills that a cgroup has counted less those with a victim.
  struct Account {
    KernelName where;
    std::int64_t balance = 0;
  };

  void count(const CountedKills& more);
  void take_off(const std::string& task_memcg);
  std::int64_t kills_in(const CountedKills& more);

  KernelName name_;
  /// v2: the watched cgroup counts for all its descendants.
  bool counts_for_all_;
  std::uint64_t counted_twice_ = 0;  ///< and not taken off yet
  std::int64_t groups_ = 0;          ///< that have died together
  /// Below 0 for a moment when the double count of a group is taken off before
  /// it has come.
  std::int64_t balance_for_all_ = 0;
  std::vector<Account> accounts_;  ///< v1: those with a balance
};

}  // namespace lab
