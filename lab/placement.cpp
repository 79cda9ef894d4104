// SPDX-License-Identifier: MIT
#include "lab/placement.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "cgroupfs/text.h"
#include "lab/cgroup_path.h"
#include "lab/errors.h"

namespace lab {
namespace {

using cgroupfs::ControllerSearch;
using cgroupfs::Directory;
using cgroupfs::Hierarchy;
using cgroupfs::Version;

[[noreturn]] void no_controller(const Parameters& asked,
                                const ControllerSearch& search) {
  if (asked.version == Version::v1) {
    throw Unavailable(fmt::format("no cgroup v1 memory controller: {}",
                                  search.v1_absent_because),
                      search.v2 ? "leave --cgroup out to use v2" : "");
  }
  if (asked.version == Version::v2) {
    throw Unavailable(fmt::format("no cgroup v2 memory controller: {}",
                                  search.v2_absent_because),
                      search.v1 ? "leave --cgroup out to use v1" : "");
  }
  throw Unavailable(no_memory_controller(search),
                    "boot with cgroup_enable=memory, or mount the hierarchy: "
                    "mount -t cgroup2 none /sys/fs/cgroup");
}

Hierarchy choose_hierarchy(const Parameters& asked,
                           const ControllerSearch& search) {
  if (asked.version != Version::v1 && search.v2) return *search.v2;
  if (asked.version != Version::v2 && search.v1) return *search.v1;
  no_controller(asked, search);
}

/// Besides making the directory, moving a process into it needs cgroup.procs
/// of the nearest common ancestor, which is this directory.
bool may_make_cgroups(const Directory& directory) noexcept {
  return directory.writable("cgroup.procs") &&
         ::faccessat(directory.fd(), ".", W_OK | X_OK, AT_EACCESS) == 0;
}

bool delegates_memory(const Directory& directory) {
  const auto text = directory.try_read("cgroup.subtree_control");
  if (!text) return false;
  const auto words = cgroupfs::split_words(cgroupfs::trim(*text));
  return std::find(words.begin(), words.end(), "memory") != words.end();
}

void check_file_system(const std::string& path, Version version) {
  if (is_cgroup_file_system(path, version)) return;
  throw UsageError(
      fmt::format("--parent {} is no directory of the cgroup {} "
                  "memory hierarchy",
                  path, to_string(version)));
}

[[noreturn]] void not_writable(const std::string& path,
                               const Hierarchy& hierarchy) {
  if (hierarchy.read_only) {
    throw Unavailable(
        fmt::format("the cgroup file system at {} is mounted read-only",
                    hierarchy.mount_point),
        "in a container: start it with a writable cgroup mount of its own");
  }
  throw Unavailable(fmt::format("no permission to make a cgroup in {}", path),
                    "run as root: sudo scripts/cglab ..., or name a cgroup "
                    "that is yours with --parent");
}

std::string parent_directory(const std::string& asked,
                             const Hierarchy& hierarchy) {
  if (auto path = find_cgroup_directory(asked, hierarchy)) return *path;
  throw UsageError(fmt::format(
      "--parent {}: there is no cgroup of that path in the memory hierarchy at "
      "{}; write it from there or in full",
      asked, hierarchy.mount_point));
}

/// A cgroup can hand on only what the one above hands to it.
[[noreturn]] void refuse_without_memory(const std::string& path,
                                        const Hierarchy& hierarchy) {
  std::string commands;
  for (const std::string& each : upwards(path, hierarchy.mount_point)) {
    const auto directory = Directory::try_open(each);
    if (directory && delegates_memory(*directory)) break;
    commands = fmt::format("echo +memory > {}/cgroup.subtree_control{}{}", each,
                           commands.empty() ? "" : " && ", commands);
  }
  throw Unavailable(
      fmt::format("{} does not hand the memory controller to its children",
                  path),
      "if it is yours and holds no process: " + commands);
}

Placement place_in_parent(const std::string& asked,
                          const Hierarchy& hierarchy) {
  const std::string path = parent_directory(asked, hierarchy);
  const Directory directory = Directory::open(path);
  check_file_system(path, hierarchy.version);
  if (hierarchy.version == Version::v1 && !directory.exists("memory.stat")) {
    throw UsageError(
        fmt::format("--parent {} is not in the memory hierarchy", path));
  }
  if (hierarchy.version == Version::v2 && !delegates_memory(directory)) {
    refuse_without_memory(path, hierarchy);
  }
  if (hierarchy.read_only || !may_make_cgroups(directory)) {
    not_writable(path, hierarchy);
  }
  return {hierarchy.version, hierarchy, path, "--parent", ""};
}

Placement place_on_v1(const Hierarchy& hierarchy) {
  const std::string path =
      hierarchy.own_directory().value_or(hierarchy.mount_point);
  const Directory directory = Directory::open(path);
  if (hierarchy.read_only || !may_make_cgroups(directory)) {
    not_writable(path, hierarchy);
  }
  return {Version::v1, hierarchy, path, "own v1 cgroup of this process", ""};
}

Placement place_on_v2(const Hierarchy& hierarchy) {
  const std::string own =
      hierarchy.own_directory().value_or(hierarchy.mount_point);
  bool delegated = false;
  for (const std::string& path : upwards(own, hierarchy.mount_point)) {
    const auto directory = Directory::try_open(path);
    if (!directory || !delegates_memory(*directory)) continue;
    delegated = true;
    if (hierarchy.read_only || !may_make_cgroups(*directory)) continue;
    return {Version::v2, hierarchy, path,
            path == own ? "own cgroup, which delegates memory"
                        : "nearest cgroup above that delegates memory",
            ""};
  }
  if (delegated || hierarchy.read_only) not_writable(own, hierarchy);
  throw Unavailable(
      fmt::format("no cgroup between {} and {} hands the memory controller to "
                  "its children",
                  own, hierarchy.mount_point),
      fmt::format("as root, if nothing else manages this host's cgroups: "
                  "echo +memory > {}/cgroup.subtree_control",
                  hierarchy.mount_point));
}

Placement place(const Parameters& asked, const Hierarchy& hierarchy) {
  if (asked.parent) return place_in_parent(*asked.parent, hierarchy);
  return hierarchy.version == Version::v1 ? place_on_v1(hierarchy)
                                          : place_on_v2(hierarchy);
}

}  // namespace

std::string no_memory_controller(const ControllerSearch& search) {
  return fmt::format("no memory controller: {}; {}", search.v2_absent_because,
                     search.v1_absent_because);
}

Placement choose_placement(const Parameters& asked,
                           const cgroupfs::HostFiles& files) {
  const ControllerSearch search = cgroupfs::find_controller("memory", files);
  const Hierarchy hierarchy = choose_hierarchy(asked, search);
  Placement placement = place(asked, hierarchy);
  placement.mode = search.mode;
  return placement;
}

}  // namespace lab
