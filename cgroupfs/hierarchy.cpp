// SPDX-License-Identifier: MIT
#include "cgroupfs/hierarchy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <limits>
#include <tuple>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "cgroupfs/interface_files.h"
#include "cgroupfs/text.h"

namespace cgroupfs {
namespace {

// The list is closed: no controller was added to v1 since "misc" (5.13).
constexpr std::array<std::string_view, 15> v1_controllers = {
    "cpuset",  "cpu",     "cpuacct", "blkio",    "memory",
    "devices", "freezer", "net_cls", "net_prio", "perf_event",
    "hugetlb", "pids",    "rdma",    "misc",     "debug"};

template <typename List>
bool contains(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool has_v1_controllers(const Mount& mount) {
  return mount.type == "cgroup" &&
         std::any_of(mount.super_options.begin(), mount.super_options.end(),
                     [](const std::string& option) {
                       return contains(v1_controllers, option);
                     });
}

Membership parse_membership(std::string_view line) {
  constexpr std::string_view form = "an \"ID:CONTROLLERS:PATH\" line";
  std::size_t first = line.find(':');
  std::size_t second =
      first == line.npos ? line.npos : line.find(':', first + 1);
  if (second == line.npos) throw ParseError(form, line);
  Membership membership;
  auto [stop, error] = std::from_chars(line.data(), line.data() + first,
                                       membership.hierarchy_id);
  membership.path = line.substr(second + 1);
  if (error != std::errc() || stop != line.data() + first ||
      !membership.path.starts_with('/')) {
    throw ParseError(form, line);
  }
  std::string_view names = line.substr(first + 1, second - first - 1);
  while (!names.empty()) {
    std::size_t end = std::min(names.find(','), names.size());
    membership.controllers.emplace_back(names.substr(0, end));
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return membership;
}

unsigned parse_unsigned(std::string_view word) {
  const std::uint64_t number = parse_u64(word);
  if (number > std::numeric_limits<unsigned>::max()) {
    throw ParseError("a 32-bit number", word);
  }
  return static_cast<unsigned>(number);
}

// The v2 hierarchy when `controller` is empty.
std::optional<std::string> path_of(const std::vector<Membership>& memberships,
                                   std::string_view controller) {
  for (const Membership& membership : memberships) {
    if (controller.empty() ? membership.hierarchy_id == 0
                           : contains(membership.controllers, controller)) {
      return membership.path;
    }
  }
  return std::nullopt;
}

std::vector<Mount> mounts_of(const std::vector<Mount>& mounts,
                             std::string_view type) {
  std::vector<Mount> chosen;
  for (const Mount& mount : mounts) {
    if (mount.type == type && is_reachable(mount, mounts)) {
      chosen.push_back(mount);
    }
  }
  return chosen;
}

Hierarchy make_hierarchy(Version version, const Mount& mount,
                         const std::optional<std::string>& path) {
  Hierarchy hierarchy;
  hierarchy.version = version;
  hierarchy.mount_point = mount.mount_point;
  hierarchy.mount_root = mount.root;
  hierarchy.read_only =
      contains(mount.options, "ro") || contains(mount.super_options, "ro");
  if (path) hierarchy.own_path = rebase(*path, mount.root);
  return hierarchy;
}

// One hierarchy may be mounted in several places: those that contain the cgroup
// of this process come first, the writable ones before the others.
std::vector<Hierarchy> rank(Version version, const std::vector<Mount>& mounts,
                            const std::optional<std::string>& path) {
  std::vector<Hierarchy> ranked;
  ranked.reserve(mounts.size());
  for (const Mount& mount : mounts) {
    ranked.push_back(make_hierarchy(version, mount, path));
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const Hierarchy& a, const Hierarchy& b) {
                     return std::tuple(!a.own_path, a.read_only) <
                            std::tuple(!b.own_path, b.read_only);
                   });
  return ranked;
}

void search_v1(ControllerSearch& search, std::string_view controller,
               const std::vector<Mount>& mounts,
               const std::vector<Membership>& memberships) {
  std::vector<Mount> candidates = mounts_of(mounts, "cgroup");
  if (candidates.empty()) {
    search.v1_absent_because = "no cgroup v1 file system is mounted";
    return;
  }
  std::erase_if(candidates, [&](const Mount& mount) {
    return !contains(mount.super_options, controller);
  });
  if (candidates.empty()) {
    search.v1_absent_because =
        fmt::format("no cgroup v1 mount has the {} controller", controller);
    return;
  }
  search.v1 =
      rank(Version::v1, candidates, path_of(memberships, controller)).front();
}

// Why the cgroup2 mount at `mount_point` does not have `controller`; empty when
// it does.
std::string absence_on_v2(std::string_view controller,
                          const std::string& mount_point,
                          const std::string& root_prefix) try {
  auto text = try_read_file(root_prefix + mount_point + "/" +
                            std::string(name_of(File::cgroup_controllers)));
  if (!text) {
    return fmt::format("{} does not exist at {}",
                       name_of(File::cgroup_controllers), mount_point);
  }
  auto offered = split_words(trim(*text));
  if (contains(offered, controller)) return {};
  if (offered.empty()) {
    return fmt::format("cgroup2 at {} offers no controllers", mount_point);
  }
  return fmt::format("cgroup2 at {} offers only: {}", mount_point,
                     fmt::join(offered, " "));
} catch (const FileError& error) {
  return fmt::format("{} cannot be read at {}: {}",
                     name_of(File::cgroup_controllers), mount_point,
                     error.code().message());
}

void search_v2(ControllerSearch& search, std::string_view controller,
               const std::vector<Mount>& mounts,
               const std::vector<Membership>& memberships,
               const std::string& root_prefix) {
  search.v2_absent_because = "no cgroup2 file system is mounted";
  std::string first_reason;
  for (Hierarchy& hierarchy : rank(Version::v2, mounts_of(mounts, "cgroup2"),
                                   path_of(memberships, {}))) {
    std::string reason =
        absence_on_v2(controller, hierarchy.mount_point, root_prefix);
    if (reason.empty()) {
      search.v2 = std::move(hierarchy);
      search.v2_absent_because.clear();
      return;
    }
    if (first_reason.empty()) first_reason = std::move(reason);
  }
  if (!first_reason.empty()) search.v2_absent_because = first_reason;
}

}  // namespace

std::string_view to_string(Version version) noexcept {
  return version == Version::v1 ? "v1" : "v2";
}

std::vector<Membership> parse_memberships(std::string_view text) {
  std::vector<Membership> memberships;
  for (std::string_view line : split_lines(text)) {
    memberships.push_back(parse_membership(line));
  }
  return memberships;
}

std::vector<KernelController> parse_controllers(std::string_view text) {
  std::vector<KernelController> controllers;
  for (std::string_view line : split_lines(text)) {
    if (line.starts_with('#')) continue;
    const auto words = split_words(line);
    if (words.size() < 4) {
      throw ParseError("a \"NAME HIERARCHY CGROUPS ENABLED\" line", line);
    }
    controllers.push_back({std::string(words[0]), parse_unsigned(words[1]),
                           parse_flag(words[3])});
  }
  return controllers;
}

std::optional<std::string> Hierarchy::own_directory() const {
  if (!own_path) return std::nullopt;
  return *own_path == "/" ? mount_point : mount_point + *own_path;
}

ControllerSearch find_controller(std::string_view controller,
                                 const HostFiles& files) {
  auto mounts = parse_mountinfo(read_file(files.mountinfo));
  // A kernel without cgroups has no such file.
  auto memberships =
      parse_memberships(try_read_file(files.cgroup).value_or(""));
  ControllerSearch search;
  search.mode = host_mode(mounts);
  search_v1(search, controller, mounts, memberships);
  search_v2(search, controller, mounts, memberships, files.root_prefix);
  return search;
}

std::string_view host_mode(const std::vector<Mount>& mounts) noexcept {
  bool v2 = std::any_of(mounts.begin(), mounts.end(),
                        [](const Mount& m) { return m.type == "cgroup2"; });
  if (std::any_of(mounts.begin(), mounts.end(), has_v1_controllers)) {
    return v2 ? "hybrid" : "v1";
  }
  return v2 ? "v2" : "none";
}

std::optional<std::string> rebase(std::string_view path,
                                  std::string_view mount_root) {
  if (path.ends_with(" (deleted)")) return std::nullopt;
  if (mount_root == "/") mount_root = {};
  if (path == "/") path = {};
  if (!path.starts_with(mount_root)) return std::nullopt;
  std::string_view below = path.substr(mount_root.size());
  if (below.empty()) return "/";
  bool leads_up = below == "/.." || below.starts_with("/../");
  if (!below.starts_with('/') || leads_up) return std::nullopt;
  return std::string(below);
}

std::optional<std::string> membership_path(pid_t pid,
                                           std::string_view controller) try {
  std::string process = pid == 0 ? "self" : std::to_string(pid);
  auto text = try_read_file(fmt::format("/proc/{}/cgroup", process));
  return text ? path_of(parse_memberships(*text), controller) : std::nullopt;
} catch (const FileError& error) {
  // The process ended between open and read.
  if (error.code().value() == ESRCH) return std::nullopt;
  throw;
}

}  // namespace cgroupfs
