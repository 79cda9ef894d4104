// SPDX-License-Identifier: MIT
#include "lab/inspect/cgroup_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/directory.h"
#include "cgroupfs/text.h"
#include "lab/inspect/gaps.h"
#include "lab/inspect/inspect_messages.h"
#include "lab/os/proc_stat.h"
#include "lab/place/cgroup_path.h"
#include "lab/place/memory_access.h"

namespace lab {
namespace {

namespace messages = inspect_messages;

using cgroupfs::Cgroup;
using cgroupfs::Directory;
using cgroupfs::File;
using cgroupfs::Key;
using cgroupfs::Memory;
using cgroupfs::Mount;
using cgroupfs::Version;

/// These first: names of cgroups are looked for in that order, too.
constexpr std::string_view limiting[] = {"memory", "pids", "cpu"};

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_of(const Mount& mount, const CgroupPlace& place) {
  if (place.version == Version::v2) return mount.type == "cgroup2";
  return mount.type == "cgroup" && !place.controllers.empty() &&
         contains(mount.super_options, place.controllers.front());
}

void find_directory(const std::vector<Mount>& mounts, CgroupPlace& place) {
  for (const Mount& mount : mounts) {
    if (!is_of(mount, place) || !cgroupfs::is_reachable(mount, mounts))
      continue;
    place.mount_point = mount.mount_point;
    const auto below = cgroupfs::rebase(place.path, mount.root);
    if (!below) continue;
    place.directory =
        *below == "/" ? mount.mount_point : mount.mount_point + *below;
    return;
  }
}

std::size_t rank_of(const CgroupPlace& place) {
  std::size_t rank = 0;
  for (const std::string_view controller : limiting) {
    if (contains(place.controllers, controller)) return rank;
    ++rank;
  }
  return rank;
}

void put_limiting_first(std::vector<CgroupPlace>& places) {
  std::stable_sort(places.begin(), places.end(),
                   [](const CgroupPlace& one, const CgroupPlace& other) {
                     return rank_of(one) < rank_of(other);
                   });
}

/// The controllers of a v1 mount are among its options.
std::vector<std::string> controllers_of(const Mount& mount) {
  std::vector<std::string> controllers;
  if (mount.type == "cgroup2") return controllers;
  for (const std::string& option : mount.super_options) {
    const bool is_flag = option == "rw" || option == "ro" ||
                         option == "noprefix" || option == "clone_children" ||
                         option == "xattr" || option == "favordynmods" ||
                         option == "seclabel" || option == "cpuset_v2_mode" ||
                         option.starts_with("release_agent=");
    if (!is_flag) controllers.push_back(option);
  }
  return controllers;
}

/// Sums what a v1 kernel counts apart.
std::optional<std::uint64_t> failed_charges(const Memory& memory) {
  const auto failcnt = memory.number(File::memory_failcnt);
  if (!failcnt) return std::nullopt;
  return *failcnt + memory.number(File::memory_memsw_failcnt).value_or(0);
}

void read_counts(const Memory& memory, MemoryLevel& level) {
  if (memory.version() == Version::v1) {
    level.hits = failed_charges(memory);
    if (const auto control = memory.oom_control()) {
      level.kills = control->oom_kill;
    }
    return;
  }
  if (const auto events = memory.events(File::memory_events_local)) {
    level.hits = events->max;
    level.ooms = events->oom;
    level.kills = events->oom_kill;
  }
}

MemoryLevel read_level(const LimitLevel& from) {
  MemoryLevel level;
  level.path = from.path;
  level.usage = from.memory.usage();
  level.limits = read_limits(from);
  read_counts(from.memory, level);
  return level;
}

/// Notes why `value` is absent.
template <typename Value>
void explain(const std::optional<Value>& value, const Message& what,
             const std::string& file, const std::string& reason, Gaps& gaps) {
  if (!value) add_absence(gaps, what, file, reason);
}

std::string file_in(const MemoryState& state, File file) {
  const std::string name = name_of(file, state.version);
  return name.empty() ? "" : state.path + "/" + name;
}

void explain_absent(const MemoryState& state, const Memory& memory,
                    Gaps& gaps) {
  explain(state.peak, messages::peak, file_in(state, File::memory_peak),
          memory.why_absent(File::memory_peak), gaps);
  explain(state.pressure, messages::pressure,
          file_in(state, File::memory_pressure),
          memory.why_absent(File::memory_pressure), gaps);
  explain(state.swap, messages::swap, file_in(state, File::memory_swap_current),
          why_absent(Key::swap, state.version), gaps);
  explain(state.parts.kernel, messages::kernel_memory,
          file_in(state, File::memory_stat),
          why_absent(Key::kernel, state.version), gaps);
  if (state.levels.empty()) return;
  explain(state.levels.front().kills, messages::oom_kills,
          file_in(state, File::memory_events_local),
          why_absent(Key::oom_kill_local, state.version), gaps);
}

void read_own_values(const Memory& memory, MemoryState& state) {
  state.kills = memory.oom_kills();
  state.swap = memory.swap_usage();
  state.peak = memory.bytes(File::memory_peak);
  state.parts = read_composition(memory);
  state.pressure = memory.pressure();
  if (const auto control = memory.oom_control()) {
    state.kill_disabled = control->oom_kill_disable;
    state.under_oom = control->under_oom;
  }
  if (const auto group = memory.number(File::memory_oom_group)) {
    state.group_kill = *group != 0;
  }
}

/// v2: memory is charged to no cgroup below the mount point. The real root has
/// neither usage nor limits.
std::optional<MemoryState> uncharged_state(const CgroupPlace& place,
                                           Gaps& gaps) {
  const auto search = cgroupfs::find_controller("memory");
  if (!search.v2) {
    add_absence(gaps, messages::memory, "", search.v2_absent_because);
    return std::nullopt;
  }
  MemoryState state;
  state.version = place.version;
  state.mount_point = state.path = place.mount_point;
  state.reaches_root =
      is_root(Directory::open(place.mount_point), place.version);
  add_absence(gaps, messages::usage, place.mount_point,
              state.reaches_root ? "the root of v2 has neither usage nor limits"
                                 : "the cgroup that is charged is not visible");
  return state;
}

/// Whether its mount point is the root of the hierarchy.
bool reaches_root(const CgroupPlace& place, const Message& what, Gaps& gaps) {
  return try_to(gaps, what, place.mount_point,
                [&] {
                  return is_root(Directory::open(place.mount_point),
                                 place.version);
                })
      .value_or(false);
}

MemoryState read_chain(const std::string& path, const CgroupPlace& place,
                       Gaps& gaps) {
  MemoryState state;
  state.version = place.version;
  state.mount_point = place.mount_point;
  state.path = path;
  const LimitReader reader(path,
                           hierarchy_at(place.version, place.mount_point));
  state.all_read = reader.failures().empty();
  for (const cgroupfs::FileError& error : reader.failures()) {
    add_gap(gaps, messages::memory, error);
  }
  for (const LimitLevel& level : reader.levels()) {
    const auto read = try_to(gaps, messages::memory, level.path,
                             [&] { return read_level(level); });
    state.all_read = state.all_read && read;
    if (read) state.levels.push_back(*read);
    if (level.path != path) continue;
    const auto own = try_to(gaps, messages::memory, level.path, [&] {
      read_own_values(level.memory, state);
      return true;
    });
    if (own && read) explain_absent(state, level.memory, gaps);
  }
  state.reaches_root = reaches_root(place, messages::memory, gaps);
  return state;
}

/// A count, or nullopt for "max".
std::optional<std::uint64_t> parse_max(std::string_view text) {
  const Limit limit = cgroupfs::parse_limit_v2(text);
  if (limit.is_max()) return std::nullopt;
  return limit.bytes().count;
}

std::optional<std::string> read_file_of(const Directory& directory, File file,
                                        Version version) {
  const std::string name = name_of(file, version);
  if (name.empty()) return std::nullopt;
  return directory.try_read(name);
}

/// Of a cgroup without the files: only the root has no limit for certain.
template <typename Level>
std::optional<Level> unlimited_root(const Directory& directory, Version version,
                                    const Level& level) {
  return is_root(directory, version) ? std::optional(level) : std::nullopt;
}

std::optional<PidsLevel> read_pids(const std::string& path, Version version) {
  const auto directory = Directory::try_open(path);
  if (!directory) return std::nullopt;
  const auto current = read_file_of(*directory, File::pids_current, version);
  const auto max = read_file_of(*directory, File::pids_max, version);
  PidsLevel level;
  level.path = path;
  if (!current || !max) return unlimited_root(*directory, version, level);
  level.current = cgroupfs::parse_u64(*current);
  level.max = parse_max(*max);
  if (const auto events =
          read_file_of(*directory, File::pids_events, version)) {
    level.refused = cgroupfs::find(cgroupfs::parse_flat_keyed(*events), "max");
  }
  return level;
}

std::optional<CpuMax> read_cpu_max(const Directory& directory,
                                   Version version) {
  if (version == Version::v2) {
    const auto text = read_file_of(directory, File::cpu_max, version);
    return text ? std::optional(parse_cpu_max(*text)) : std::nullopt;
  }
  const auto quota = read_file_of(directory, File::cpu_cfs_quota, version);
  const auto period = read_file_of(directory, File::cpu_cfs_period, version);
  if (!quota || !period) return std::nullopt;
  CpuMax max;
  max.period_us = cgroupfs::parse_u64(*period);
  if (cgroupfs::trim(*quota) != "-1")
    max.quota_us = cgroupfs::parse_u64(*quota);
  return max;
}

void read_throttling(const Directory& directory, Version version,
                     CpuLevel& level) {
  const auto text = read_file_of(directory, File::cpu_stat, version);
  if (!text) return;
  const auto stat = cgroupfs::parse_flat_keyed(*text);
  level.periods = cgroupfs::find(stat, "nr_periods");
  level.throttled = cgroupfs::find(stat, "nr_throttled");
  if (const auto time = cgroupfs::find(stat, "throttled_usec")) {
    level.throttled_time = std::chrono::microseconds(*time);
  } else if (const auto old = cgroupfs::find(stat, "throttled_time")) {
    level.throttled_time = nanoseconds(*old);
  }
}

std::optional<CpuLevel> read_cpu(const std::string& path, Version version) {
  const auto directory = Directory::try_open(path);
  if (!directory) return std::nullopt;
  const auto max = read_cpu_max(*directory, version);
  CpuLevel level;
  level.path = path;
  if (!max) return unlimited_root(*directory, version, level);
  level.quota_us = max->quota_us;
  level.period_us = max->period_us;
  read_throttling(*directory, version, level);
  return level;
}

/// Of `place` and its ancestors, which need not all have the controller.
template <typename Level>
Chain<Level> read_levels(
    const CgroupPlace& place, const Message& what, File file,
    std::optional<Level> (*read)(const std::string&, Version), Gaps& gaps) {
  Chain<Level> chain;
  const std::size_t gaps_before = gaps.size();
  for (const std::string& path : upwards(*place.directory, place.mount_point)) {
    const auto level =
        try_to(gaps, what, path, [&] { return read(path, place.version); });
    if (level && *level) chain.levels.push_back(**level);
  }
  const bool all_read = gaps.size() == gaps_before;
  chain.complete = reaches_root(place, what, gaps) && all_read;
  if (chain.levels.empty() && gaps.size() == gaps_before) {
    add_absence(gaps, what, *place.directory, why_absent(file, place.version));
  }
  return chain;
}

/// The mounted hierarchy that `directory` is in: of mounts inside each other
/// the innermost.
const Mount* mount_with(const std::string& directory,
                        const std::vector<Mount>& mounts) {
  const Mount* found = nullptr;
  for (const Mount& mount : mounts) {
    const bool has_it = mount.type.starts_with("cgroup") &&
                        cgroupfs::is_reachable(mount, mounts) &&
                        is_within(directory, mount.mount_point);
    if (!has_it) continue;
    if (!found || mount.mount_point.size() >= found->mount_point.size()) {
      found = &mount;
    }
  }
  return found;
}

CgroupPlace place_below(const Mount& mount, const std::string& directory) {
  CgroupPlace place;
  place.version = version_of(mount);
  place.controllers = controllers_of(mount);
  place.path = (mount.root == "/" ? "" : mount.root) +
               directory.substr(mount.mount_point.size());
  if (place.path.empty()) place.path = "/";
  place.mount_point = mount.mount_point;
  place.directory = directory;
  return place;
}

bool is_same_hierarchy(const CgroupPlace& one, const CgroupPlace& other) {
  if (one.version == Version::v2) return other.version == Version::v2;
  return std::any_of(one.controllers.begin(), one.controllers.end(),
                     [&](const std::string& each) {
                       return contains(other.controllers, each);
                     });
}

/// `shown`, which may be in a descendant, then those in the cgroup itself.
std::vector<pid_t> members_of(const CgroupPlace& place,
                              std::optional<pid_t> shown) {
  std::vector<pid_t> pids;
  if (shown) pids.push_back(*shown);
  try {
    const auto members =
        Cgroup::open(*place.directory, place.version).processes();
    pids.insert(pids.end(), members.begin(), members.end());
  } catch (const cgroupfs::FileError&) {
    // Not readable, or a threaded cgroup of v2.
  }
  return pids;
}

/// The cgroups of `pid` in other hierarchies than that of `place`; nullopt
/// where it is not there any more or may not be seen.
std::optional<std::vector<CgroupPlace>> other_places(
    pid_t pid, const CgroupPlace& place, const std::vector<Mount>& mounts) try {
  // On v1 an exiting one is shown in the root.
  const auto stat = pid > 0 ? proc_stat(pid) : std::nullopt;
  if (!stat || stat->exiting) return std::nullopt;
  std::vector<CgroupPlace> others;
  bool inside = false;
  for (CgroupPlace& each : places_of(pid, mounts)) {
    if (!is_same_hierarchy(place, each)) {
      others.push_back(std::move(each));
    } else {
      inside = inside || is_within(each.path, place.path);
    }
  }
  return inside ? std::optional(std::move(others)) : std::nullopt;
} catch (const cgroupfs::FileError&) {
  return std::nullopt;
} catch (const cgroupfs::ParseError&) {
  return std::nullopt;
}

}  // namespace

cgroupfs::Hierarchy hierarchy_at(Version version,
                                 const std::string& mount_point,
                                 const std::string& mount_root) {
  cgroupfs::Hierarchy hierarchy;
  hierarchy.version = version;
  hierarchy.mount_point = mount_point;
  hierarchy.mount_root = mount_root;
  return hierarchy;
}

Version version_of(const Mount& mount) {
  return mount.type == "cgroup2" ? Version::v2 : Version::v1;
}

std::vector<CgroupPlace> places_of(pid_t pid,
                                   const std::vector<Mount>& mounts) {
  const std::string text =
      cgroupfs::read_file(fmt::format("/proc/{}/cgroup", pid));
  std::vector<CgroupPlace> places;
  for (cgroupfs::Membership& each : cgroupfs::parse_memberships(text)) {
    CgroupPlace place;
    place.version = each.hierarchy_id == 0 ? Version::v2 : Version::v1;
    place.controllers = std::move(each.controllers);
    place.path = std::move(each.path);
    find_directory(mounts, place);
    places.push_back(std::move(place));
  }
  put_limiting_first(places);
  return places;
}

CgroupPlaces places_at(const std::string& directory,
                       const std::vector<Mount>& mounts,
                       std::optional<pid_t> shown) {
  CgroupPlaces found;
  const Mount* const mount = mount_with(directory, mounts);
  if (!mount) return found;
  found.own = place_below(*mount, directory);
  found.all = {*found.own};
  for (const pid_t pid : members_of(*found.own, shown)) {
    auto others = other_places(pid, *found.own, mounts);
    if (!others) continue;
    if (others->empty()) break;
    found.member = pid;
    std::move(others->begin(), others->end(), std::back_inserter(found.all));
    put_limiting_first(found.all);
    break;
  }
  return found;
}

bool is_on_v1(std::string_view controller, const std::vector<Mount>& mounts) {
  return std::any_of(mounts.begin(), mounts.end(), [&](const Mount& mount) {
    return mount.type == "cgroup" && contains(mount.super_options, controller);
  });
}

const CgroupPlace* place_with(const std::vector<CgroupPlace>& places,
                              std::string_view controller) {
  const CgroupPlace* unified = nullptr;
  for (const CgroupPlace& place : places) {
    if (contains(place.controllers, controller)) return &place;
    if (place.version == Version::v2) unified = &place;
  }
  return unified;
}

std::optional<MemoryState> read_memory_state(const CgroupPlace& place,
                                             Gaps& gaps) {
  return try_to(gaps, messages::memory, *place.directory,
                [&]() -> std::optional<MemoryState> {
                  const auto path = charged_cgroup(
                      *place.directory,
                      hierarchy_at(place.version, place.mount_point));
                  return path ? read_chain(*path, place, gaps)
                              : uncharged_state(place, gaps);
                })
      .value_or(std::nullopt);
}

Chain<PidsLevel> read_pids_levels(const CgroupPlace& place, Gaps& gaps) {
  return read_levels(place, messages::pids, File::pids_max, read_pids, gaps);
}

Chain<CpuLevel> read_cpu_levels(const CgroupPlace& place, Gaps& gaps) {
  const File file =
      place.version == Version::v2 ? File::cpu_max : File::cpu_cfs_quota;
  return read_levels(place, messages::cpu, file, read_cpu, gaps);
}

std::optional<Members> read_members(const CgroupPlace& place, Gaps& gaps) {
  constexpr std::size_t most_shown = 5;
  return try_to(gaps, messages::members, *place.directory, [&] {
    auto pids =
        Cgroup::open(*place.directory, place.version).subtree_processes();
    std::sort(pids.begin(), pids.end());
    Members members{pids.size(), {}};
    pids.resize(std::min(pids.size(), most_shown));
    members.first = std::move(pids);
    return members;
  });
}

CpuMax parse_cpu_max(std::string_view text) {
  const auto words = cgroupfs::split_words(cgroupfs::trim(text));
  if (words.size() != 2) throw cgroupfs::ParseError("a cpu.max line", text);
  return {parse_max(words[0]), cgroupfs::parse_u64(words[1])};
}

}  // namespace lab
