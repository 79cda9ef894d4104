// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/error.h"
#include "cgroupfs/hierarchy.h"
#include "cgroupfs/memory.h"
#include "lab/base/units.h"

/// The memory limits of an existing cgroup and of its ancestors.
namespace lab {

/// One limit file of one cgroup and the usage that it limits.
struct LimitReading {
  std::string path;  ///< the cgroup's directory
  cgroupfs::File file = cgroupfs::File::memory_max;
  Limit limit = Limit::max();
  Bytes usage;

  bool operator==(const LimitReading&) const = default;
};

/// The limit with the least headroom.
struct BindingLimit {
  std::string path;
  cgroupfs::File file = cgroupfs::File::memory_max;
  Bytes limit;
  Bytes usage;
  Bytes headroom;  ///< 0 when usage is above the limit

  bool operator==(const BindingLimit&) const = default;
};

/// The limits of the cgroup itself.
struct OwnLimits {
  std::optional<Limit> hard;
  std::optional<Limit> high;
  std::optional<Limit> swap;
  std::optional<Limit> memsw;
};

/// The limit with the least headroom among the limits on charges (hard and
/// memsw) of a cgroup and its ancestors, nearest first; of equal ones the
/// nearest. nullopt when there is none.
std::optional<BindingLimit> binding_limit(
    const std::vector<LimitReading>& readings);

/// The same for memory.high.
std::optional<BindingLimit> binding_high(
    const std::vector<LimitReading>& readings);

/// The same for memory.swap.max.
std::optional<BindingLimit> binding_swap(
    const std::vector<LimitReading>& readings);

/// The limits of the cgroup at `path`.
OwnLimits limits_of(const std::string& path,
                    const std::vector<LimitReading>& readings);

/// The memory controller of one cgroup of the chain.
struct LimitLevel {
  std::string path;
  cgroupfs::Memory memory;
};

/// Its limits with their present usage. Throws cgroupfs::FileError, with ENODEV
/// when the cgroup is gone.
std::vector<LimitReading> read_limits(const LimitLevel& level);

/// The limit files of a cgroup and of its visible ancestors, kept open.
/// Unreadable ones are skipped.
class LimitReader {
 public:
  /// `path` is a directory of `hierarchy`.
  LimitReader(const std::string& path, const cgroupfs::Hierarchy& hierarchy);

  /// Nearest first. The root of v2 has no limit and is not among them.
  const std::vector<LimitLevel>& levels() const noexcept { return levels_; }
  /// Why others are missing.
  const std::vector<cgroupfs::FileError>& failures() const noexcept {
    return failures_;
  }
  /// Every limit with its present usage, nearest first. Throws as
  /// read_limits().
  std::vector<LimitReading> read() const;

 private:
  std::vector<LimitLevel> levels_;
  std::vector<cgroupfs::FileError> failures_;
};

}  // namespace lab
