// SPDX-License-Identifier: MIT
#include "lab/place/strategy.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cgroupfs/text.h"
#include "lab/base/shell_quote.h"

namespace lab {
namespace {

using cgroupfs::Directory;
using cgroupfs::File;
using cgroupfs::Version;

bool lists_memory(const Directory& directory, const std::string& file) {
  const auto text = directory.try_read(file);
  if (!text) return false;
  const auto words = cgroupfs::split_words(cgroupfs::trim(*text));
  return std::find(words.begin(), words.end(), "memory") != words.end();
}

}  // namespace

bool may_make_cgroups(const Directory& directory) noexcept {
  return directory.writable(name_of(File::cgroup_procs)) &&
         ::faccessat(directory.fd(), ".", W_OK | X_OK, AT_EACCESS) == 0;
}

bool delegates_memory(const Directory& directory) {
  return lists_memory(directory, name_of(File::cgroup_subtree_control));
}

bool has_memory(const Directory& directory) {
  return lists_memory(directory, name_of(File::cgroup_controllers));
}

std::string delegation_commands(const Situation& situation) {
  const auto uid = ::geteuid();
  const auto& limiting = situation.limiting;
  const std::string group = fmt::format(
      "{}/lab-{}", limiting ? limiting->path : situation.hierarchy.mount_point,
      uid);
  const std::string quoted = shell_quote(group);
  const char* const procs = name_of(File::cgroup_procs);
  if (situation.hierarchy.version == Version::v1) {
    return fmt::format(
        "have root create a cgroup for you:\n"
        "  sudo mkdir -p {0}\n"
        "  sudo chown {1} {0} {0}/{2} {0}/{3}\n"
        "and use it with --parent {0}",
        quoted, uid, procs, name_of(File::tasks));
  }
  if (limiting) return "";
  const std::string commands = fmt::format(
      "mkdir -p {0}/shell && cd {0} && echo +memory > ../{3} && echo +memory > "
      "{3} && chown {1} . {2} {3} shell shell/{2} && echo $0 > shell/{2}",
      quoted, uid, procs, name_of(File::cgroup_subtree_control));
  return fmt::format(
      "have root create a cgroup for this shell:\n"
      "  sudo sh -c {} $$",
      shell_quote(commands));
}

}  // namespace lab
