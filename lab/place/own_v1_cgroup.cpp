// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "lab/place/strategy.h"

namespace lab {

using cgroupfs::Directory;
using cgroupfs::Version;

Answer consider_own_v1_cgroup(const Situation& situation) {
  const cgroupfs::Hierarchy& hierarchy = situation.hierarchy;
  if (hierarchy.version != Version::v1) {
    return No{"the memory controller is on cgroup v2", ""};
  }
  const auto own = hierarchy.own_directory();
  if (!own) {
    return No{
        fmt::format(
            "the cgroup of this process is outside the hierarchy mounted at {}",
            hierarchy.mount_point),
        ""};
  }
  const auto directory = Directory::try_open(*own);
  if (!directory || !may_make_cgroups(*directory)) {
    return No{fmt::format("no permission to make a cgroup in {}", *own),
              delegation_commands(situation)};
  }
  return Place{*own, StrategyCode::own_v1_cgroup};
}

}  // namespace lab
