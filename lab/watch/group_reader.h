// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/memory.h"
#include "lab/place/limit_chain.h"
#include "lab/watch/kill_counts.h"
#include "lab/watch/sample.h"
#include "lab/watch/target.h"

namespace lab {

/// Reads one cgroup and its ancestors repeatedly. Writes nothing.
class GroupReader {
 public:
  /// Throws cgroupfs::FileError and cgroupfs::NotSupported.
  explicit GroupReader(const WatchTarget& target);

  const cgroupfs::Cgroup& group() const noexcept { return group_; }
  /// The present path of the directory: the cgroup may have been renamed (v1).
  /// nullopt when it is gone.
  std::optional<std::string> path_now() const;
  /// Opens the same cgroup under its new path. False when it cannot be opened,
  /// or that path now belongs to another one.
  bool reopen(const WatchTarget& target);
  /// Its counters now; nullopt when the cgroup is gone. Kills stay counted in
  /// oom_kills when the v1 cgroup that counted them is removed. Throws
  /// cgroupfs::FileError and cgroupfs::ParseError.
  std::optional<Counters> counters();
  /// The kernel's peak now; nullopt also where the kernel has none. Throws as
  /// counters().
  std::optional<Bytes> peak();
  /// The kills counted since the last call, by cgroup.
  std::vector<KillCount> take_kills() noexcept {
    return std::exchange(kills_, {});
  }
  /// All values except rate and growth, which need the previous sample; nullopt
  /// when the cgroup is gone. Throws as counters().
  std::optional<WatchSample> sample();
  /// All limits of the last sample, nearest first.
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
  std::vector<KillCount> kills_;  ///< since the last take_kills()
};

}  // namespace lab
