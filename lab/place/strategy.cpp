// SPDX-License-Identifier: MIT
#include "lab/place/strategy.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cgroupfs/text.h"

namespace lab {
namespace {

using cgroupfs::Directory;
using cgroupfs::Hierarchy;
using cgroupfs::Version;

bool lists_memory(const Directory& directory, const std::string& file) {
  const auto text = directory.try_read(file);
  if (!text) return false;
  const auto words = cgroupfs::split_words(cgroupfs::trim(*text));
  return std::find(words.begin(), words.end(), "memory") != words.end();
}

}  // namespace

bool may_make_cgroups(const Directory& directory) noexcept {
  return directory.writable("cgroup.procs") &&
         ::faccessat(directory.fd(), ".", W_OK | X_OK, AT_EACCESS) == 0;
}

bool delegates_memory(const Directory& directory) {
  return lists_memory(directory, "cgroup.subtree_control");
}

bool has_memory(const Directory& directory) {
  return lists_memory(directory, "cgroup.controllers");
}

bool is_real_root(const Directory& directory) {
  return !directory.exists("cgroup.type");
}

std::string delegation_commands(const Hierarchy& hierarchy) {
  const auto uid = ::geteuid();
  const std::string group =
      fmt::format("{}/lab-{}", hierarchy.mount_point, uid);
  if (hierarchy.version == Version::v1) {
    return fmt::format(
        "sudo sh -c 'mkdir -p {0} && chown {1} {0} {0}/cgroup.procs {0}/tasks' "
        "and then name it: --parent {0}",
        group, uid);
  }
  return fmt::format(
      "sudo sh -c 'mkdir -p {0}/shell && cd {0} && echo +memory > "
      "../cgroup.subtree_control && echo +memory > cgroup.subtree_control && "
      "chown {1} . cgroup.procs cgroup.subtree_control shell "
      "shell/cgroup.procs && echo $0 > shell/cgroup.procs' $$",
      group, uid);
}

}  // namespace lab
