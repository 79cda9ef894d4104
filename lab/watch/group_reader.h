// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <vector>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/memory.h"
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
  /// Its counters now; nullopt when the cgroup is gone. Throws
  /// cgroupfs::FileError and cgroupfs::ParseError.
  std::optional<Counters> counters() const;
  /// Everything but rate and growth, which need the sample before; nullopt when
  /// the cgroup is gone. Throws as counters().
  std::optional<WatchSample> sample();
  /// All limits that the last sample was made of, nearest first.
  const std::vector<LimitReading>& limits() const noexcept { return limits_; }

 private:
  WatchSample read() const;
  std::optional<std::size_t> count_processes() const;

  cgroupfs::Cgroup group_;
  cgroupfs::Memory memory_;
  LimitReader limit_reader_;
  std::vector<LimitReading> limits_;
};

}  // namespace lab
