// SPDX-License-Identifier: MIT
#include "lab/run/membership.h"

#include <fmt/format.h>

#include <chrono>

#include "lab/base/errors.h"
#include "lab/place/memory_access.h"

namespace lab {

std::string tail_below(const std::string& path, const Placement& placement) {
  return path.substr(placement.parent.size());
}

void verify_membership(const Child& child, const cgroupfs::Cgroup& group,
                       const Placement& placement) {
  const auto path = memory_membership(child.pid(), placement.version);
  const std::string tail = tail_below(group.path(), placement);
  if (path && path->ends_with(tail)) return;
  // On its way out it has left its cgroup before its end can be seen.
  if (child.has_ended(std::chrono::seconds(1))) return;
  throw RunError(
      fmt::format("the child (pid {0}) is in {1}, not {2} (/proc/{0}/cgroup)",
                  child.pid(), path.value_or("(unknown)"), tail));
}

}  // namespace lab
