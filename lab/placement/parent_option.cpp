// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "lab/errors.h"
#include "lab/placement/strategy.h"

namespace lab {
namespace {

using cgroupfs::Directory;
using cgroupfs::Hierarchy;
using cgroupfs::Version;

void check_file_system(const std::string& path, Version version) {
  struct statfs status {};
  const auto expected =
      version == Version::v2 ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC;
  if (::statfs(path.c_str(), &status) == 0 && status.f_type == expected) return;
  throw UsageError(
      fmt::format("--parent {} is no directory of the cgroup {} "
                  "memory hierarchy",
                  path, to_string(version)));
}

/// A path as the user may write it: as a directory of the host, or below the
/// hierarchy's mount point. Links and dots are resolved: what is above has to
/// be found in it. Throws UsageError.
std::string parent_directory(const std::string& asked,
                             const Hierarchy& hierarchy) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path mount = fs::canonical(hierarchy.mount_point);
  const fs::path below = mount / fs::path(asked).relative_path();
  for (const fs::path& candidate : {fs::path(asked), below}) {
    const fs::path path = fs::canonical(candidate, error);
    const auto end =
        std::mismatch(mount.begin(), mount.end(), path.begin(), path.end());
    if (!error && end.first == mount.end() && fs::is_directory(path, error)) {
      return path;
    }
  }
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

}  // namespace

Answer consider_parent_option(const Situation& situation) {
  if (!situation.asked.parent) return No{"not given", ""};
  const Hierarchy& hierarchy = situation.hierarchy;
  const std::string path = parent_directory(*situation.asked.parent, hierarchy);
  const Directory directory = Directory::open(path);
  check_file_system(path, hierarchy.version);
  if (hierarchy.version == Version::v1 && !directory.exists("memory.stat")) {
    throw UsageError(
        fmt::format("--parent {} is not in the memory hierarchy", path));
  }
  if (hierarchy.version == Version::v2 && !delegates_memory(directory)) {
    refuse_without_memory(path, hierarchy);
  }
  if (!may_make_cgroups(directory)) {
    throw Unavailable(fmt::format("no permission to make a cgroup in {}", path),
                      "run as root, or name a cgroup that is yours; to get "
                      "one: " +
                          delegation_commands(hierarchy));
  }
  return Place{path, "--parent"};
}

}  // namespace lab
