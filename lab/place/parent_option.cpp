// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "lab/base/errors.h"
#include "lab/base/shell_quote.h"
#include "lab/place/strategy.h"

namespace lab {
namespace {

using cgroupfs::Directory;
using cgroupfs::Hierarchy;
using cgroupfs::Version;

void check_file_system(const std::string& path, Version version) {
  if (is_cgroup_file_system(path, version)) return;
  throw UsageError(fmt::format(
      "--parent {} is not a directory of the cgroup {} memory hierarchy", path,
      to_string(version)));
}

std::string parent_directory(const std::string& asked,
                             const Hierarchy& hierarchy) {
  if (auto path = find_cgroup_directory(asked, hierarchy)) return *path;
  throw UsageError(
      fmt::format("--parent {0}: no such cgroup under {1} (give a path "
                  "relative to {1}, or a full path)",
                  asked, hierarchy.mount_point));
}

/// A cgroup can enable for its children only controllers that it has.
[[noreturn]] void refuse_without_memory(const std::string& path,
                                        const Hierarchy& hierarchy) {
  std::string commands;
  for (const std::string& each : upwards(path, hierarchy.mount_point)) {
    const auto directory = Directory::try_open(each);
    if (directory && delegates_memory(*directory)) break;
    commands =
        fmt::format("\n  echo +memory > {}/{}{}", shell_quote(each),
                    name_of(cgroupfs::File::cgroup_subtree_control), commands);
  }
  throw Unavailable(
      fmt::format("{} does not enable memory for its children", path),
      "if you own it and it has no processes:" + commands);
}

}  // namespace

Answer consider_parent_option(const Situation& situation) {
  if (!situation.asked.parent) return No{"not given", ""};
  const Hierarchy& hierarchy = situation.hierarchy;
  const std::string path = parent_directory(*situation.asked.parent, hierarchy);
  const Directory directory = Directory::open(path);
  check_file_system(path, hierarchy.version);
  if (hierarchy.version == Version::v1 &&
      !directory.exists(name_of(cgroupfs::File::memory_stat))) {
    throw UsageError(
        fmt::format("--parent {} is not in the memory hierarchy", path));
  }
  if (hierarchy.version == Version::v2 && !delegates_memory(directory)) {
    refuse_without_memory(path, hierarchy);
  }
  if (!may_make_cgroups(directory)) {
    const std::string cure = delegation_commands(situation);
    throw Unavailable(fmt::format("no permission to make a cgroup in {}", path),
                      "run as root, or use a parent that you own" +
                          (cure.empty() ? "" : "\nor, " + cure));
  }
  return Place{path, StrategyCode::parent_option};
}

}  // namespace lab
