// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <optional>
#include <string_view>

#include "cgroupfs/cgroup.h"
#include "lab/place/cgroup_path.h"
#include "lab/place/strategy.h"

namespace lab {
namespace {

using cgroupfs::Directory;
using cgroupfs::Hierarchy;
using cgroupfs::Version;

/// The attribute that systemd sets on cgroups that it delegates
/// (systemd.io/CGROUP_DELEGATION). Only root may read the trusted one, which is
/// older.
bool is_marked(const std::string& path) {
  for (const char* const name : {"user.delegate", "trusted.delegate"}) {
    char value = 0;
    if (::getxattr(path.c_str(), name, &value, 1) == 1 && value == '1') {
      return true;
    }
  }
  return false;
}

std::optional<uid_t> owner(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return status.st_uid;
}

/// Whether `path` was delegated to this user: the user owns it, but not its
/// parent.
bool is_handed_over(const std::string& path, const std::string& above) {
  const auto me = ::geteuid();
  return me != 0 && owner(path) == me && owner(above) != me;
}

/// The cgroup at `path` or its nearest ancestor that was delegated as a whole;
/// nullopt when there is none.
std::optional<std::string> boundary_above(const std::string& path,
                                          const std::string& top) {
  const std::vector<std::string> paths = upwards(path, top);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (is_marked(paths[i])) return paths[i];
    if (i + 1 < paths.size() && is_handed_over(paths[i], paths[i + 1])) {
      return paths[i];
    }
  }
  return std::nullopt;
}

/// user@UID.service is delegated, but to the user's systemd instance, which
/// manages everything in it that it does not delegate further.
bool belongs_to_user_manager(const std::string& boundary) {
  const std::string_view name =
      std::string_view(boundary).substr(boundary.rfind('/') + 1);
  return name.starts_with("user@") && name.ends_with(".service");
}

/// Empty when cgroups may be created at `path`; else what manages it.
std::string manager_of(const std::string& path, const Situation& situation) {
  if (!situation.managed) return "";
  const auto boundary = boundary_above(path, situation.hierarchy.mount_point);
  if (!boundary) return "systemd manages it";
  if (belongs_to_user_manager(*boundary))
    return "your user systemd instance manages it";
  return "";
}

bool holds_only_me(const std::string& path) {
  const auto group = cgroupfs::Cgroup::open(path, Version::v2);
  return group.processes() == std::vector<pid_t>{::getpid()} &&
         group.directory().subdirectories().empty();
}

/// The last cgroup that is considered: in an ancestor of the one that limits
/// this process a run would escape its limit.
std::string last_above(const Situation& situation) {
  return situation.limiting ? situation.limiting->path
                            : situation.hierarchy.mount_point;
}

/// A clause: no cgroup from `own` up to the last one delegates.
std::string nothing_delegates(const std::string& own,
                              const Situation& situation) {
  const std::string last = situation.limiting
                               ? situation.limiting->describe() + ","
                               : situation.hierarchy.mount_point;
  return own == last_above(situation)
             ? fmt::format("{} does not enable memory for its children", last)
             : fmt::format(
                   "no cgroup from {} up to {} enables memory for its "
                   "children",
                   own, last);
}

/// Why the own cgroup cannot delegate, and the cure where no other place is
/// usable.
struct Obstacle {
  std::string what;
  std::string cure;
};

std::optional<Obstacle> obstacle_in(const Directory& own,
                                    const Situation& situation) {
  if (!has_memory(own))
    return Obstacle{"its own cgroup has no memory controller", ""};
  const std::string manager = manager_of(own.path(), situation);
  if (!manager.empty()) {
    return Obstacle{manager,
                    "set Delegate=yes for its unit and make cglab the only "
                    "process in it"};
  }
  if (!may_make_cgroups(own) ||
      !own.writable(name_of(cgroupfs::File::cgroup_subtree_control))) {
    return Obstacle{"its own cgroup is not writable", ""};
  }
  if (!holds_only_me(own.path())) {
    return Obstacle{"its own cgroup has other processes",
                    "make cglab the only process in it: cglab run ... -- "
                    "cglab oom ..., without a shell between them"};
  }
  return std::nullopt;
}

/// The own cgroup, which cannot enable memory for children while it has
/// processes.
Answer consider_own(const std::string& own, const Situation& situation) {
  const Directory directory = Directory::open(own);
  if (is_root(directory, Version::v2)) {
    return No{"this process is in the root of the hierarchy", ""};
  }
  const auto obstacle = obstacle_in(directory, situation);
  if (!obstacle) {
    return Place{own, StrategyCode::own_alone, Preparation::move_aside};
  }
  const std::string reason = fmt::format(
      "{}, and {}", nothing_delegates(own, situation), obstacle->what);
  if (situation.limiting) return No{reason, obstacle->cure};
  return No{reason, situation.managed || situation.root
                        ? ""
                        : delegation_commands(situation)};
}

}  // namespace

Answer consider_delegated_subtree(const Situation& situation) {
  const Hierarchy& hierarchy = situation.hierarchy;
  if (hierarchy.version == Version::v1) {
    return No{"cgroup v1 has no delegation", ""};
  }
  const auto own = hierarchy.own_directory();
  if (!own) {
    return No{
        fmt::format(
            "the cgroup of this process is outside the hierarchy mounted at {}",
            hierarchy.mount_point),
        ""};
  }
  for (const std::string& path : upwards(*own, last_above(situation))) {
    const auto directory = Directory::try_open(path);
    if (!directory || !delegates_memory(*directory)) continue;
    if (is_root(*directory, Version::v2) || !may_make_cgroups(*directory))
      continue;
    const std::string manager = manager_of(path, situation);
    if (manager.empty()) {
      return Place{path, path == *own ? StrategyCode::own_delegating
                                      : StrategyCode::delegating_ancestor};
    }
    if (manager_of(*own, situation).empty()) break;
    return No{fmt::format("{} enables memory for its children, but {}", path,
                          manager),
              ""};
  }
  return consider_own(*own, situation);
}

}  // namespace lab
