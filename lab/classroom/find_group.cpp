// SPDX-License-Identifier: MIT
#include "lab/classroom/find_group.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
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

/// Whether a directory that could not be read may be skipped: it was removed,
/// is forbidden, or too deep for a path.
bool has_nothing_for_us(const std::error_code& error) {
  return cgroupfs::is_absent(error.value()) || error.value() == ENOTDIR ||
         error.value() == EACCES || error.value() == EPERM ||
         error.value() == ENAMETOOLONG;
}

/// The directories in `path`. Throws FileError.
Paths directories_in(const std::string& path) {
  Paths found;
  std::error_code error;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code gone;
    if (entry->is_directory(gone) && !entry->is_symlink(gone)) {
      found.push_back(entry->path());
    }
  }
  if (error && !has_nothing_for_us(error)) {
    throw cgroupfs::FileError(error.value(), "read directory", path);
  }
  return found;
}

Paths all_of_name(const std::string& name, const std::string& top) {
  Paths found;
  for (std::string& path : cgroups_below(top)) {
    if (fs::path(path).filename() == name) found.push_back(std::move(path));
  }
  return found;
}

/// nullopt if it was removed.
std::optional<uid_t> user_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return status.st_uid;
}

/// The user who called sudo(8); nullopt if this process is not root by it.
std::optional<uid_t> sudo_caller() {
  const char* const caller = std::getenv("SUDO_UID");
  if (::geteuid() != 0 || !caller) return std::nullopt;
  uid_t number = 0;
  const std::string_view text(caller);
  const auto end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return number;
}

Paths of_user(const Paths& paths, uid_t user) {
  Paths own;
  for (const std::string& path : paths) {
    if (user_of(path) == user) own.push_back(path);
  }
  return own;
}

/// Those of `paths` that belong to this user: under sudo, to the calling user,
/// otherwise to root, as `sudo mkdir` makes them.
Paths own_of(const Paths& paths) {
  const Paths own = of_user(paths, sudo_caller().value_or(::geteuid()));
  return own.empty() && sudo_caller() ? of_user(paths, 0) : own;
}

/// Of `paths` the one nearest to this process; all of them if none is.
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

bool is_of_a_run(const std::string& name) {
  return is_kept(name) || owner_of(name).has_value();
}

/// Opens one directory at a time: there may be more than this process can open.
Paths cgroups_below(const std::string& top) {
  Paths found;
  Paths to_read{top};
  while (!to_read.empty()) {
    const std::string path = std::move(to_read.back());
    to_read.pop_back();
    for (std::string& below : directories_in(path)) {
      if (is_of_a_run(fs::path(below).filename())) continue;
      found.push_back(below);
      to_read.push_back(std::move(below));
    }
  }
  return found;
}

std::optional<std::string> find_group(const std::string& group,
                                      const Hierarchy& hierarchy) {
  if (is_path(group)) return find_cgroup_directory(group, hierarchy);
  const Paths own = own_of(all_of_name(group, hierarchy.mount_point));
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
    if (has_directory(path) && !own_of({path}).empty()) return path;
  }
  return std::nullopt;
}

std::optional<Misplaced> find_misplaced(const std::string& group,
                                        const Hierarchy& hierarchy) {
  const std::string name = fs::path(group).filename();
  for (const std::string& point : other_mount_points(hierarchy)) {
    const Paths found = own_of(all_of_name(name, point));
    if (!found.empty()) {
      return Misplaced{Misplaced::Where::other_hierarchy, found.front()};
    }
  }
  for (const std::string& place : plain_places()) {
    const fs::path path = fs::path(place) / name;
    if (has_directory(path) && !own_of({path}).empty()) {
      return Misplaced{Misplaced::Where::plain_directory,
                       fs::absolute(path).lexically_normal()};
    }
  }
  return std::nullopt;
}

}  // namespace lab
