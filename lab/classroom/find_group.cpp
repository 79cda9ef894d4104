// SPDX-License-Identifier: MIT
#include "lab/classroom/find_group.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include "cgroupfs/directory.h"
#include "cgroupfs/mountinfo.h"
#include "lab/base/errors.h"
#include "lab/base/shell_quote.h"
#include "lab/place/cgroup_path.h"
#include "lab/place/owner.h"

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

/// Whether a directory of this name belongs to a run of the lab, which may have
/// one of the exercise's name in it: nothing in there was done by hand.
bool is_of_a_run(const std::string& name) {
  return is_kept(name) || owner_of(name).has_value();
}

/// Every cgroup of that name. One that is removed meanwhile is not one.
Paths all_of_name(const std::string& name, const std::string& top) {
  Paths found;
  std::error_code error;
  const auto options = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator entry(top, options, error), end;
       !error && entry != end; entry.increment(error)) {
    std::error_code gone;
    if (is_of_a_run(entry->path().filename())) {
      entry.disable_recursion_pending();
      continue;
    }
    if (entry->path().filename() == name && entry->is_directory(gone)) {
      found.push_back(entry->path());
    }
  }
  return found;
}

/// nullopt when it is gone.
std::optional<uid_t> user_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return status.st_uid;
}

/// Who asks: behind sudo(8) the user that called it.
uid_t asking_user() {
  const uid_t user = ::geteuid();
  const char* const caller = std::getenv("SUDO_UID");
  if (user != 0 || !caller) return user;
  uid_t number = 0;
  const std::string_view text(caller);
  const auto end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  return result.ec == std::errc() && result.ptr == end ? number : user;
}

/// Those of `paths` that are the asking user's; `sudo mkdir` makes root's.
Paths allowed_of(const Paths& paths) {
  const uid_t user = asking_user();
  if (user == 0) return paths;
  Paths allowed;
  for (const std::string& path : paths) {
    const auto owner = user_of(path);
    if (owner == user || owner == uid_t{0}) allowed.push_back(path);
  }
  return allowed;
}

Paths own_of(const Paths& paths) {
  Paths own;
  for (const std::string& path : paths) {
    if (user_of(path) == asking_user()) own.push_back(path);
  }
  return own.empty() ? paths : own;
}

/// The path where a cgroup called `name` is nearest to this process.
Paths nearest_of(const Paths& paths, const Hierarchy& hierarchy) {
  const auto own = hierarchy.own_directory();
  if (!own) return paths;
  for (const std::string& above : upwards(*own, hierarchy.mount_point)) {
    for (const std::string& path : paths) {
      if (path == above || fs::path(path).parent_path() == above) return {path};
    }
  }
  return paths;
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
  const Paths own =
      own_of(allowed_of(all_of_name(group, hierarchy.mount_point)));
  const Paths found = own.size() > 1 ? nearest_of(own, hierarchy) : own;
  if (found.size() > 1) {
    std::string choice;
    for (const std::string& path : found) {
      choice += "\n  --group " + shell_quote(path);
    }
    throw UsageError(fmt::format(
        "there are several cgroups {}, and none is nearest to this shell; "
        "choose one:{}",
        group, choice));
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
    if (has_directory(path) && !allowed_of({path}).empty()) return path;
  }
  return std::nullopt;
}

std::optional<Misplaced> find_misplaced(const std::string& group,
                                        const Hierarchy& hierarchy) {
  const std::string name = fs::path(group).filename();
  for (const std::string& point : other_mount_points(hierarchy)) {
    const Paths found = own_of(allowed_of(all_of_name(name, point)));
    if (!found.empty()) {
      return Misplaced{Misplaced::Where::other_hierarchy, found.front()};
    }
  }
  for (const std::string& place : plain_places()) {
    const fs::path path = fs::path(place) / name;
    if (has_directory(path) && !allowed_of({path}).empty()) {
      return Misplaced{Misplaced::Where::plain_directory,
                       fs::absolute(path).lexically_normal()};
    }
  }
  return std::nullopt;
}

}  // namespace lab
