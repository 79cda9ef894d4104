// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/memory.h"

namespace lab {

/// The OOM kills that one cgroup has counted: on v1 its own, on v2 also those
/// of its descendants.
struct KillCount {
  ino_t id = 0;       ///< of its directory
  std::string below;  ///< its path below the watched cgroup; empty: that one
  std::uint64_t kills = 0;
  std::uint64_t group_kills = 0;  ///< v2: of groups killed together

  bool operator==(const KillCount&) const = default;
};

/// The counts of `group`, and on v1 of each of its descendants. `events` is
/// memory.events of `group` (v2). Empty where this kernel does not count.
/// Throws cgroupfs::FileError and cgroupfs::ParseError.
std::vector<KillCount> read_kill_counts(
    const cgroupfs::Cgroup& group,
    const std::optional<cgroupfs::MemoryEvents>& events);

/// Adds them up over time. On v1 the count of a cgroup is removed with its
/// directory: here its kills stay counted.
class KillTotal {
 public:
  /// Adds the next reading and returns the counts that have risen, with their
  /// rise. The first reading is the baseline: it has no rise.
  std::vector<KillCount> update(const std::vector<KillCount>& counts);
  /// nullopt until a kill counter was read.
  const std::optional<std::uint64_t>& kills() const noexcept { return kills_; }

 private:
  std::unordered_map<ino_t, KillCount> last_;
  std::optional<std::uint64_t> kills_;
};

}  // namespace lab
