// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "cgroupfs/hierarchy.h"
#include "lab/base/units.h"

namespace lab {

/// A cgroup that limits the memory of the processes in it and below it.
struct LimitingCgroup {
  std::string path;
  std::string file;  ///< the name of a file with a limit, such as memory.max
  Bytes limit;

  /// "PATH, whose memory.max is 50 MiB".
  std::string describe() const;
};

/// The nearest cgroup at or above this process that has a limit and that a
/// cgroup can be made outside of: what is mounted may have a limit at its root,
/// but nothing above it is visible. nullopt where there is none, and where the
/// own cgroup lies outside of what is mounted.
std::optional<LimitingCgroup> nearest_limiting_cgroup(
    const cgroupfs::Hierarchy& hierarchy);

}  // namespace lab
