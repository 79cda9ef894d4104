// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/memory.h"
#include "lab/watch/kill_counts.h"
#include "lab/watch/limit_reader.h"
#include "lab/watch/sample.h"
#include "lab/watch/target.h"

namespace lab {

/// Reads one cgroup and what is above it again and again. Writes nothing.
class GroupReader {
 public:
  /// Throws cgroupfs::FileError and cgroupfs::NotSupported.
  explicit GroupReader(const WatchTarget& target);

  const cgroupfs::Cgroup& group() const noexcept { return group_; }
  /// Reads the directory's path anew: the cgroup may have been renamed (v1).
  /// nullopt when it is gone.
  std::optional<std::string> path_now() const;
  /// Opens the same cgroup by its new path. False when it cannot be opened, or
  /// another one is there by now.
  bool reopen(const WatchTarget& target);
  /// Its counters now; nullopt when the cgroup is gone. Kills that were counted
  /// stay in oom_kills also when the v1 cgroup that counted them goes. Throws
  /// cgroupfs::FileError and cgroupfs::ParseError.
  std::optional<Counters> counters();
  /// The kills that were counted since it was last asked, by cgroup.
  std::vector<KillCount> take_kills() noexcept {
    return std::exchange(kills_, {});
  }
  /// Everything but rate and growth, which need the sample before; nullopt when
  /// the cgroup is gone. Throws as counters().
  std::optional<WatchSample> sample();
  /// All limits that the last sample was made of, nearest first.
  const std::vector<LimitReading>& limits() const noexcept { return limits_; }

 private:
  WatchSample read();
  Counters read_counters();
  std::optional<std::size_t> count_processes() const;

  cgroupfs::Cgroup group_;
  cgroupfs::Memory memory_;
  LimitReader limit_reader_;
  std::vector<LimitReading> limits_;
  KillTotal kill_total_;
  std::vector<KillCount> kills_;  ///< not taken yet
};

}  // namespace lab
