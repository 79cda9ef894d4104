// SPDX-License-Identifier: MIT
#include "lab/membership.h"

#include <fmt/format.h>

#include <chrono>

#include "cgroupfs/hierarchy.h"
#include "lab/errors.h"

namespace lab {

std::string tail_below(const std::string& path, const Placement& placement) {
  return path.substr(placement.parent.size());
}

bool is_in_cgroup(std::string_view path, std::string_view name) noexcept {
  for (std::size_t at = path.find(name); at != path.npos;
       at = path.find(name, at + 1)) {
    const std::string_view rest = path.substr(at + name.size());
    if (rest.empty() || rest.front() == '/') return true;
  }
  return false;
}

void verify_membership(const Child& child, const cgroupfs::Cgroup& group,
                       const Placement& placement) {
  const auto path = cgroupfs::membership_path(
      child.pid(), placement.version == cgroupfs::Version::v1 ? "memory" : "");
  const std::string tail = tail_below(group.path(), placement);
  if (path && path->ends_with(tail)) return;
  // On its way out it has left its cgroup before its end can be seen.
  if (child.has_ended(std::chrono::seconds(1))) return;
  throw RunError(
      fmt::format("the child (pid {0}) is in cgroup {1} by /proc/{0}/cgroup "
                  "instead of {2}; "
                  "it was not let go",
                  child.pid(), path.value_or("(unknown)"), tail));
}

}  // namespace lab
