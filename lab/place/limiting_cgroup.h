// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "cgroupfs/hierarchy.h"
#include "lab/base/units.h"

namespace lab {

/// A cgroup that limits the memory of the processes in it and its descendants.
struct LimitingCgroup {
  std::string path;
  std::string file;  ///< the name of a file with a limit, such as memory.max
  Bytes limit;

  /// "PATH, whose memory.max is 50 MiB".
  std::string describe() const;
};

/// The cgroup of this process or its nearest ancestor that has a limit and has
/// a visible cgroup outside it: the root of the mounted subtree may have a
/// limit, but its ancestors are not visible. nullopt where there is none, and
/// where the own cgroup is outside the mounted subtree.
std::optional<LimitingCgroup> nearest_limiting_cgroup(
    const cgroupfs::Hierarchy& hierarchy);

}  // namespace lab
