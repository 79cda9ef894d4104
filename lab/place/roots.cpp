// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cgroupfs/cgroup.h"
#include "lab/base/shell_quote.h"
#include "lab/place/advice.h"
#include "lab/place/cgroup_path.h"
#include "lab/place/strategy.h"

namespace lab {
namespace {

using cgroupfs::Directory;
using cgroupfs::Hierarchy;
using cgroupfs::Version;

/// Whether the first process of this PID namespace, and so the whole namespace,
/// is in the part of the hierarchy that this process sees.
bool namespace_is_whole(const Situation& situation) {
  const auto text = cgroupfs::try_read_file(situation.host.first_process);
  if (!text) return false;
  for (const auto& membership : cgroupfs::parse_memberships(*text)) {
    if (membership.hierarchy_id != 0) continue;
    return cgroupfs::rebase(membership.path, "/").has_value();
  }
  return false;
}

/// A pid of 0 denotes a process in another PID namespace.
bool sees_all_processes(const std::string& path) {
  const auto pids = cgroupfs::Cgroup::open(path, Version::v2).processes();
  return std::find(pids.begin(), pids.end(), 0) == pids.end();
}

std::string enable_memory_command(const Hierarchy& hierarchy) {
  return fmt::format("echo +memory > {}/{}", shell_quote(hierarchy.mount_point),
                     name_of(cgroupfs::File::cgroup_subtree_control));
}

Answer on_v2_root(const Directory& top, const Situation& situation) {
  if (!is_root(top, Version::v2)) {
    return No{fmt::format("{} is the root of a namespace, not of the hierarchy",
                          top.path()),
              ""};
  }
  if (!may_make_cgroups(top)) {
    return No{fmt::format("no permission to make a cgroup in {}", top.path()),
              delegation_commands(situation)};
  }
  if (!delegates_memory(top)) {
    return No{
        fmt::format("{} does not enable memory for its children", top.path()),
        "if nothing else manages this host's cgroups:" +
            root_command(enable_memory_command(situation.hierarchy))};
  }
  return Place{top.path(), StrategyCode::hierarchy_root};
}

}  // namespace

Answer consider_hierarchy_root(const Situation& situation) {
  const Hierarchy& hierarchy = situation.hierarchy;
  if (situation.managed) {
    return No{"systemd manages the cgroups of this host", ""};
  }
  const auto top = Directory::try_open(hierarchy.mount_point);
  if (!top) return No{hierarchy.mount_point + " does not exist", ""};
  if (hierarchy.version == Version::v2) return on_v2_root(*top, situation);
  if (!may_make_cgroups(*top)) {
    return No{fmt::format("no permission to make a cgroup in {}", top->path()),
              delegation_commands(situation)};
  }
  return Place{top->path(), StrategyCode::hierarchy_root};
}

Answer consider_namespace_root(const Situation& situation) {
  const Hierarchy& hierarchy = situation.hierarchy;
  if (hierarchy.version == Version::v1) {
    return No{"on cgroup v1 every cgroup may have both processes and children",
              ""};
  }
  const auto top = Directory::try_open(hierarchy.mount_point);
  if (!top) return No{hierarchy.mount_point + " does not exist", ""};
  const std::string& path = top->path();
  if (is_root(*top, Version::v2))
    return No{"this is not a cgroup namespace", ""};
  if (situation.managed) return No{"systemd manages these cgroups", ""};
  if (!has_memory(*top)) {
    return No{fmt::format("{} has no memory controller", path),
              "start the container with the memory controller delegated"};
  }
  if (!may_make_cgroups(*top) ||
      !top->writable(name_of(cgroupfs::File::cgroup_subtree_control))) {
    return No{fmt::format("no permission to write in {}", path), ""};
  }
  if (!namespace_is_whole(situation) || !sees_all_processes(path)) {
    return No{
        fmt::format(
            "{} is shared: it contains processes that this container does not "
            "see, or the first process of the container is elsewhere",
            path),
        "start the container with a private cgroup namespace and a private PID "
        "namespace"};
  }
  return Place{path, StrategyCode::namespace_root, Preparation::move_aside};
}

}  // namespace lab
