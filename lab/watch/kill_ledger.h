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

/// OOM kills that a cgroup has counted since the previous reading.
struct CountedKills {
  KernelName where;  ///< the cgroup
  std::uint64_t kills = 0;
  std::uint64_t group_kills = 0;  ///< v2: of groups killed together
};

/// Matches the kills in counters with the victims in the kernel log, whichever
/// comes first, so that each kill is reported once. On v1, where each cgroup
/// counts its own kills, a victim belongs only to the count of its own cgroup:
/// if that was removed before its count was read, the count of another cgroup
/// must not be used instead. The first victim of a group that is killed
/// together is counted twice, unless it exits at once: where the log is
/// readable, it says whether it was.
class KillLedger {
 public:
  /// `name` is the name of the watched cgroup. `has_log`: the kernel log is
  /// readable.
  KillLedger(KernelName name, cgroupfs::Version version, bool has_log);

  /// The watched cgroup now has this name.
  void rename(KernelName name) { name_ = std::move(name); }
  /// Adds victims from the log and counted kills, which must be read in this
  /// order; `twice` are the victims that were killed and logged again. Returns
  /// the kills that can be reported at once: those with a victim.
  std::vector<WatchedKill> update(const std::vector<Victim>& logged,
                                  const std::vector<CountedKills>& counted,
                                  const std::vector<Victim>& twice = {});
  /// How many counted kills have no victim yet.
  std::uint64_t owed() const noexcept;
  /// The kills without a victim as one report, with `reason`; nullopt when
  /// there are none.
  std::optional<WatchedKill> settle(Text reason);

 private:
  /// Kills that a cgroup has counted, minus those with a victim.
  struct Account {
    KernelName where;
    std::int64_t balance = 0;
  };

  void count(const CountedKills& more);
  void take_off_repeated(const Victim& victim);
  void take_off(const std::string& task_memcg);
  std::int64_t kills_in(const CountedKills& more);

  KernelName name_;
  /// v2: the watched cgroup counts for all its descendants.
  bool counts_for_all_;
  bool has_log_;
  std::uint64_t logged_groups_ = 0;  ///< whose repeated victim is not logged
  std::uint64_t counted_twice_ = 0;  ///< and not subtracted yet
  std::int64_t groups_ = 0;          ///< that were killed together
  /// Below 0 for a moment when the double count of a group is subtracted before
  /// it was read.
  std::int64_t balance_for_all_ = 0;
  std::vector<Account> accounts_;  ///< v1: those with a balance
};

}  // namespace lab
