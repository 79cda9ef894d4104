// SPDX-License-Identifier: MIT
#include "lab/run/membership.h"

#include <fmt/format.h>

#include <chrono>
#include <string_view>
#include <vector>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/place/kernel_name.h"
#include "lab/place/leaf.h"
#include "lab/place/memory_access.h"

namespace lab {

std::string tail_below(const std::string& path, const Placement& placement) {
  return path.substr(placement.parent.size());
}

void leave_run(const Placement& placement) noexcept try {
  // A place whose processes were moved, or a scope, has one of these leaves.
  std::vector<std::string> places;
  for (const std::string_view leaf : {leaf_name, scope_leaf_name}) {
    places.push_back(fmt::format("{}/{}", placement.parent, leaf));
  }
  places.push_back(placement.hierarchy.own_directory().value_or(""));
  places.push_back(placement.parent);
  for (const std::string& path : places) {
    const auto directory = cgroupfs::Directory::try_open(path);
    if (!directory) continue;
    try {
      cgroupfs::Cgroup::open(path, placement.version).add(0);
      return;
    } catch (const cgroupfs::FileError&) {
      // A v2 cgroup that enables controllers for children accepts no process.
    }
  }
} catch (const std::exception&) {
  // It stays, and the clean-up that kills the others spares it.
}

bool leave_if_inside(const cgroupfs::Cgroup& group,
                     const Placement& placement) try {
  const auto path = memory_membership(0, placement.version);
  const std::string name = group.path().substr(group.path().rfind('/'));
  if (!path || !is_in_cgroup(*path, name)) return false;
  leave_run(placement);
  return true;
} catch (const cgroupfs::FileError&) {
  return false;
}

void verify_membership(const Child& child, const cgroupfs::Cgroup& group,
                       const Placement& placement) {
  const auto path = memory_membership(child.pid(), placement.version);
  const std::string tail = tail_below(group.path(), placement);
  if (path && path->ends_with(tail)) return;
  // An exiting process leaves its cgroup before its end is visible.
  if (child.has_ended(std::chrono::seconds(1))) return;
  throw RunError(
      fmt::format("the child (pid {0}) is in {1}, not {2} (/proc/{0}/cgroup)",
                  child.pid(), path.value_or("(unknown)"), tail));
}

}  // namespace lab
