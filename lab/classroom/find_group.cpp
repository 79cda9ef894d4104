// SPDX-License-Identifier: MIT
#include "lab/classroom/find_group.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <vector>

#include "cgroupfs/directory.h"
#include "cgroupfs/mountinfo.h"
#include "lab/base/errors.h"
#include "lab/place/cgroup_path.h"

namespace lab {
namespace {

namespace fs = std::filesystem;

using cgroupfs::Hierarchy;
using Paths = std::vector<std::string>;

bool is_path(const std::string& group) {
  return group.find('/') != group.npos;
}

bool has_directory(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

/// Every cgroup of that name. One that goes while it is looked at is none.
Paths all_of_name(const std::string& name, const std::string& top) {
  Paths found;
  std::error_code error;
  const auto options = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator entry(top, options, error), end;
       !error && entry != end; entry.increment(error)) {
    std::error_code gone;
    if (entry->path().filename() == name && entry->is_directory(gone)) {
      found.push_back(entry->path());
    }
  }
  return found;
}

bool is_own(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && status.st_uid == ::geteuid();
}

/// On a shared machine every student has one of that name.
Paths own_of(const Paths& paths) {
  Paths own;
  for (const std::string& path : paths) {
    if (is_own(path)) own.push_back(path);
  }
  return own.empty() ? paths : own;
}

Paths other_mount_points(const Hierarchy& hierarchy) {
  Paths points;
  for (const cgroupfs::Mount& mount :
       cgroupfs::parse_mountinfo(cgroupfs::read_file("/proc/self/mountinfo"))) {
    const bool is_hierarchy = mount.type == "cgroup" || mount.type == "cgroup2";
    if (is_hierarchy && mount.mount_point != hierarchy.mount_point) {
      points.push_back(mount.mount_point);
    }
  }
  return points;
}

Paths plain_places() {
  Paths places{"/sys/fs/cgroup", "/sys/fs/cgroup/memory", "."};
  if (const char* const home = std::getenv("HOME")) places.emplace_back(home);
  places.emplace_back("/tmp");
  return places;
}

}  // namespace

std::optional<std::string> find_group(const std::string& group,
                                      const Hierarchy& hierarchy) {
  if (is_path(group)) return find_cgroup_directory(group, hierarchy);
  const Paths found = own_of(all_of_name(group, hierarchy.mount_point));
  if (found.size() > 1) {
    throw UsageError(
        fmt::format("there are several cgroups {}: {}; say which by --group "
                    "PATH",
                    group, fmt::join(found, ", ")));
  }
  if (found.empty()) return std::nullopt;
  return found.front();
}

std::optional<std::string> find_group_nearby(const std::string& group,
                                             const Hierarchy& hierarchy) {
  if (is_path(group)) return find_cgroup_directory(group, hierarchy);
  for (const std::string& parent :
       {hierarchy.own_directory().value_or(hierarchy.mount_point),
        hierarchy.mount_point}) {
    const fs::path path = fs::path(parent) / group;
    if (has_directory(path)) return path;
  }
  return std::nullopt;
}

std::optional<Misplaced> find_misplaced(const std::string& group,
                                        const Hierarchy& hierarchy) {
  const std::string name = fs::path(group).filename();
  for (const std::string& point : other_mount_points(hierarchy)) {
    const Paths found = all_of_name(name, point);
    if (!found.empty()) {
      return Misplaced{Misplaced::Where::other_hierarchy, found.front()};
    }
  }
  for (const std::string& place : plain_places()) {
    const fs::path path = fs::path(place) / name;
    if (has_directory(path)) {
      return Misplaced{Misplaced::Where::plain_directory,
                       fs::absolute(path).lexically_normal()};
    }
  }
  return std::nullopt;
}

}  // namespace lab
