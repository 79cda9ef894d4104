// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lab/watch/sample.h"
#include "lab/watch/target.h"

namespace lab {

/// Recognises a cgroup and what is below it by the names in the kernel's log,
/// which are from the root of the hierarchy.
class KernelName {
 public:
  /// `whole`: this process sees the hierarchy from its root, so that names are
  /// equal; else only their tails are.
  KernelName(std::string path, bool whole);
  static KernelName of(const WatchTarget& target);

  /// Whether `task_memcg` is this cgroup or below it. Never where nothing of
  /// the name is known.
  bool holds(std::string_view task_memcg) const noexcept;

 private:
  std::string path_;  ///< empty: the root of what is seen
  bool whole_;
};

/// Brings together the kills that the counter tells of and the victims that the
/// kernel's log names, whichever comes first, so that each kill is reported
/// once.
class KillLedger {
 public:
  KillLedger(KernelName name, const Counters& before);

  /// Takes victims from the log and then the counters, read in this order. The
  /// kills that can be told at once: those with a victim.
  std::vector<OomKill> update(const std::vector<Victim>& logged,
                              const Counters& now);
  /// How many counted kills have no victim yet.
  std::uint64_t owed() const noexcept;
  /// The owed ones as one report without a victim, for `reason`; nullopt when
  /// none is owed.
  std::optional<OomKill> settle(std::string reason);

 private:
  std::uint64_t kills_in(const Counters& rise);

  KernelName name_;
  Counters last_;
  std::uint64_t counted_twice_ = 0;  ///< and not taken off yet
  std::int64_t groups_ = 0;          ///< that have died together
  /// Kills that were counted less those with a victim. Below 0 for a moment
  /// when the double count of a group is taken off before it has come.
  std::int64_t balance_ = 0;
};

}  // namespace lab
