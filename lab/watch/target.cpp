// SPDX-License-Identifier: MIT
#include "lab/watch/target.h"

#include <fmt/format.h>

#include <utility>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/directory.h"
#include "lab/base/errors.h"
#include "lab/place/cgroup_path.h"
#include "lab/place/foreign_process.h"
#include "lab/place/memory_access.h"

namespace lab {
namespace {

using cgroupfs::Directory;
using cgroupfs::Hierarchy;
using cgroupfs::Version;

[[noreturn]] void refuse_root(const std::string& path, const char* who) {
  throw Unavailable(
      fmt::format(
          "{}{} is the v2 root cgroup, which has neither usage nor limits", who,
          path),
      "watch a child cgroup (one of its directories), or the whole host in "
      "/proc/meminfo",
      /*vm_helps=*/false);
}

WatchTarget cgroup_of(WatchedProcess process, const Hierarchy& hierarchy) {
  const auto path = charged_cgroup(process.cgroup(), hierarchy);
  if (path) return {hierarchy, *path, std::move(process)};
  refuse_root(hierarchy.mount_point,
              "the memory of that process is charged only to ");
}

std::string named_cgroup(const std::string& asked, const Hierarchy& hierarchy) {
  const auto path =
      asked.empty() ? std::nullopt : find_cgroup_directory(asked, hierarchy);
  if (!path) {
    throw UsageError(
        fmt::format("'{0}': no such cgroup under {1} (give a path relative to "
                    "{1}, or a full path)",
                    asked, hierarchy.mount_point));
  }
  if (has_memory_controller(*path, hierarchy.version)) return *path;
  if (!is_cgroup_file_system(*path, hierarchy.version)) {
    throw UsageError(fmt::format("{} is not a cgroup", *path));
  }
  if (hierarchy.version == Version::v2 &&
      is_root(Directory::open(*path), Version::v2)) {
    refuse_root(*path, "");
  }
  throw Unavailable(
      fmt::format("{} has no memory controller: its memory is charged to the "
                  "nearest ancestor that has one",
                  *path),
      fmt::format("watch {}",
                  charged_cgroup(*path, hierarchy).value_or("another cgroup")),
      /*vm_helps=*/false);
}

}  // namespace

WatchTarget find_watch_target(const std::string& argument,
                              const cgroupfs::HostFiles& files) {
  const Hierarchy hierarchy = memory_hierarchy(files);
  if (!is_pid(argument)) {
    return {hierarchy, named_cgroup(argument, hierarchy), std::nullopt};
  }
  return cgroup_of(WatchedProcess(parse_pid(argument), hierarchy), hierarchy);
}

}  // namespace lab
