// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lab/place/kernel_name.h"
#include "lab/watch/sample.h"

namespace lab {

/// Brings together the kills that the counter tells of and the victims that the
/// kernel's log names, whichever comes first, so that each kill is reported
/// once.
class KillLedger {
 public:
  KillLedger(KernelName name, const Counters& before);

  /// Takes victims from the log and then the counters, read in this order. The
  /// kills that can be told at once: those with a victim.
  std::vector<WatchedKill> update(const std::vector<Victim>& logged,
                                  const Counters& now);
  /// How many counted kills have no victim yet.
  std::uint64_t owed() const noexcept;
  /// The owed ones as one report without a victim, for `reason`; nullopt when
  /// none is owed.
  std::optional<WatchedKill> settle(std::string reason);

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
