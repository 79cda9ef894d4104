// SPDX-License-Identifier: MIT
#include "lab/classroom/evidence.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <system_error>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "cgroupfs/memory.h"
#include "cgroupfs/text.h"
#include "lab/base/errors.h"
#include "lab/os/find_program.h"
#include "lab/os/namespaces.h"
#include "lab/os/proc_stat.h"
#include "lab/place/cgroup_path.h"
#include "lab/place/environment.h"
#include "lab/place/memory_access.h"
#include "lab/place/placement.h"
#include "lab/place/swap.h"
#include "lab/run/kmsg.h"
#include "lab/run/readings.h"

namespace lab {
namespace {

namespace fs = std::filesystem;

using cgroupfs::Cgroup;
using cgroupfs::File;
using cgroupfs::Hierarchy;
using cgroupfs::Memory;
using cgroupfs::Version;

const std::string thp_folder = "/sys/kernel/mm/transparent_hugepage/";

std::string proc_file(pid_t pid, const char* name) {
  return fmt::format("/proc/{}/{}", pid, name);
}

/// This process and its ancestors.
std::set<pid_t> own_line() {
  std::set<pid_t> line;
  pid_t pid = ::getpid();
  while (pid > 0 && line.insert(pid).second) {
    const auto stat = proc_stat(pid);
    pid = stat ? stat->parent : 0;
  }
  return line;
}

GroupProcess look_at(pid_t pid, const std::set<pid_t>& above_us) {
  GroupProcess process{pid, "?", '?', std::nullopt, above_us.contains(pid)};
  if (const auto name = cgroupfs::try_read_file(proc_file(pid, "comm"))) {
    process.name = cgroupfs::trim(*name);
  }
  if (const auto stat = proc_stat(pid)) process.state = stat->state;
  if (const auto status = cgroupfs::try_read_file(proc_file(pid, "status"))) {
    process.anon = meminfo_value(*status, "RssAnon");
  }
  return process;
}

std::vector<GroupProcess> processes_of(const Cgroup& group) {
  std::vector<GroupProcess> processes;
  const std::set<pid_t> above_us = own_line();
  for (const pid_t pid : group.subtree_processes()) {
    if (pid != ::getpid()) processes.push_back(look_at(pid, above_us));
  }
  return processes;
}

/// v1.
void read_control(const Memory& memory, GroupEvidence& group) {
  const auto control = memory.oom_control();
  if (!control) return;
  group.oom_kills = control->oom_kill;
  group.oom_kill_disable = control->oom_kill_disable;
  group.under_oom = control->under_oom;
}

void take_counters(const Counters& counters, GroupEvidence& group) {
  group.swap = counters.swap;
  if (counters.failcnt) {
    group.limit_hits = *counters.failcnt + counters.memsw_failcnt.value_or(0);
  }
  const auto& events = own_events(counters);
  if (!events) return;
  group.oom_kills = events->oom_kill;
  group.limit_hits = events->oom;
  group.limit_meetings = events->max;
}

/// v1: newer kernels do not count failures at the limit of memory plus swap.
bool was_at_sum(const Memory& memory) {
  const auto limit = memory.limit(File::memory_memsw_max);
  const auto peak = memory.bytes(File::memory_peak);
  return limit && !limit->is_max() && peak &&
         peak->count + memory.swap_usage().value_or(Bytes{}).count >=
             limit->bytes().count;
}

/// How often the limit of the cgroup at `path` was hit; nullopt if that cannot
/// be read: before Linux 5.3, v2 has no memory.events.local.
std::optional<std::uint64_t> hits_of(const std::string& path,
                                     Version version) try {
  const Cgroup group = Cgroup::open(path, version);
  // It has no limit, and on v2 no counter.
  if (is_root(group.directory(), version)) return 0;
  const Memory memory = Memory::open(group);
  const auto hits = read_limit_hits(memory);
  if (!hits) return std::nullopt;
  return *hits + (was_at_sum(memory) ? 1 : 0);
} catch (const cgroupfs::FileError&) {
  return std::nullopt;
} catch (const cgroupfs::NotSupported&) {
  return std::nullopt;
}

/// Whether the user who made `group`, the student, may write a file. By its
/// mode only, as this process may run as another user.
bool maker_may_write(const Cgroup& group, const std::string& file) {
  struct stat maker {};
  struct stat status {};
  if (::stat(group.path().c_str(), &maker) != 0) return true;
  if (::stat(file.c_str(), &status) != 0) return false;
  return maker.st_uid == 0 || maker.st_uid == status.st_uid ||
         (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

/// v1: writing 0 resets failcnt and the peak
/// (Documentation/admin-guide/cgroup-v1/memory.rst, 5.1 and 5.3).
bool is_resettable(const std::string& path, const Cgroup& group) {
  if (group.version() == Version::v2) return false;
  const Cgroup ancestor = Cgroup::open(path, Version::v1);
  if (is_root(ancestor.directory(), Version::v1)) return false;
  for (const File file : {File::memory_failcnt, File::memory_peak}) {
    if (maker_may_write(group, path + "/" + name_of(file, Version::v1))) {
      return true;
    }
  }
  return false;
}

std::vector<HitAncestor> hit_ancestors(const Cgroup& group,
                                       const std::string& mount_point) {
  std::vector<HitAncestor> hit;
  for (const std::string& path : upwards(group.path(), mount_point)) {
    if (path == group.path()) continue;
    const auto hits = hits_of(path, group.version());
    if (hits != std::uint64_t{0} || is_resettable(path, group)) {
      hit.push_back({path, hits});
    }
  }
  return hit;
}

/// v1 does not count huge pages: if programs get them without asking, each
/// fault may have been for one. That must not cost an honest program points.
bool has_uncounted_huge_pages(Version version) {
  const auto mode = cgroupfs::try_read_file(thp_folder + "enabled");
  return version == Version::v1 && mode &&
         mode->find("[always]") != std::string::npos;
}

/// GroupEvidence::faulted, from memory.stat
/// (Documentation/admin-guide/mm/transhuge.rst).
std::optional<Bytes> faulted_by(const cgroupfs::FlatKeyed& stat,
                                Version version) {
  const auto faults = cgroupfs::find(stat, "pgfault");
  if (!faults) return std::nullopt;
  const std::uint64_t huge =
      has_uncounted_huge_pages(version)
          ? *faults
          : cgroupfs::find(stat, "thp_fault_alloc").value_or(0);
  const auto size = cgroupfs::try_read_file(thp_folder + "hpage_pmd_size");
  return Bytes{*faults * cgroupfs::page_size().count +
               huge * (size ? cgroupfs::parse_u64(*size) : 0)};
}

/// OOM kills counted by the cgroup at `path`; 0 if it was removed or has no
/// memory controller.
std::uint64_t kills_at(const std::string& path, Version version) try {
  const Cgroup group = Cgroup::open(path, version);
  const Memory memory = Memory::open(group);
  GroupEvidence evidence;
  read_control(memory, evidence);
  take_counters(read_counters(memory, true), evidence);
  return evidence.oom_kills.value_or(0);
} catch (const cgroupfs::FileError&) {
  return 0;
} catch (const cgroupfs::NotSupported&) {
  return 0;
}

void read_descendants(const Cgroup& group, GroupEvidence& evidence) {
  for (const std::string& path : cgroups_below(group.path())) {
    evidence.has_children = true;
    evidence.kills_below += kills_at(path, group.version());
  }
}

GroupEvidence read_files(const Cgroup& group, const Memory& memory,
                         const std::string& mount_point) {
  GroupEvidence evidence;
  evidence.path = group.path();
  evidence.limit = memory.limit(File::memory_max);
  evidence.usage = memory.usage();
  evidence.peak = memory.bytes(File::memory_peak);
  const cgroupfs::FlatKeyed stat = memory.stat();
  evidence.faults = cgroupfs::find(stat, "pgfault");
  evidence.faulted = faulted_by(stat, memory.version());
  evidence.processes = processes_of(group);
  evidence.swap_limit = memory.limit(swap_limit_file(memory.version()));
  evidence.soft_limit = memory.limit(File::memory_high);
  if (!evidence.soft_limit) {
    evidence.soft_limit = memory.limit(File::memory_soft_limit);
  }
  read_control(memory, evidence);
  take_counters(read_counters(memory, true), evidence);
  read_descendants(group, evidence);
  evidence.ancestors_hit = hit_ancestors(group, mount_point);
  if (const auto file = read_composition(memory).file) {
    evidence.page_cache = Bytes{*file};
  }
  return evidence;
}

/// The ancestors of `path` that do not enable memory for their children,
/// outermost first.
std::vector<std::string> not_delegating_above(const std::string& path,
                                              const Hierarchy& hierarchy) {
  std::vector<std::string> found;
  for (const std::string& above : upwards(path, hierarchy.mount_point)) {
    if (above == path) continue;
    const auto control =
        cgroupfs::try_read_file((above == "/" ? "" : above) + "/" +
                                name_of(File::cgroup_subtree_control));
    const auto words = control ? cgroupfs::split_words(cgroupfs::trim(*control))
                               : std::vector<std::string_view>();
    if (std::find(words.begin(), words.end(), "memory") == words.end()) {
      found.push_back(above);
    }
  }
  std::reverse(found.begin(), found.end());
  return found;
}

/// Whether `pid` is in a cgroup of a run of the lab in which this process is
/// not: the run's own program, not the student's.
bool is_in_other_run(pid_t pid, Version version) {
  const char* const controller = version == Version::v1 ? "memory" : "";
  const auto path = cgroupfs::membership_path(pid, controller);
  const auto own = cgroupfs::membership_path(0, controller);
  if (!path || !own) return false;
  const auto above = upwards(*path, "");
  return std::any_of(above.begin(), above.end(), [&](const std::string& each) {
    return is_of_a_run(fs::path(each).filename()) && !is_within(*own, each);
  });
}

/// Processes of the exercise's program, under its own name and the course's.
std::vector<pid_t> own_programs(Version version) {
  std::vector<pid_t> pids;
  std::error_code error;
  for (fs::directory_iterator entry("/proc", error), end;
       !error && entry != end; entry.increment(error)) {
    struct stat status {};
    const fs::path& path = entry->path();
    const pid_t pid = std::atoi(path.filename().c_str());
    const bool own = pid > 0 && ::stat(path.c_str(), &status) == 0 &&
                     status.st_uid == ::geteuid() &&
                     (::geteuid() != 0 || ::getsid(pid) == ::getsid(0));
    const auto name =
        own ? cgroupfs::try_read_file(path / "comm") : std::nullopt;
    if (!name) continue;
    const std::string_view word = cgroupfs::trim(*name);
    const bool named = word == "malloc" || word == "malloc_demo";
    if (named && !is_in_other_run(pid, version)) pids.push_back(pid);
  }
  return pids;
}

LoggedKills read_log(const std::string& path, const Hierarchy& hierarchy) {
  LoggedKills logged;
  // Elsewhere the kernel's names and those here share only their ends.
  if (!in_initial_cgroup_namespace()) return logged;
  KernelLog log(KernelLog::From::beginning);
  log.collect();
  const std::vector<Victim> victims = VictimReader().read(log.text());
  note_kills(victims, KernelName::of(path, hierarchy), logged);
  logged.complete =
      log.complete() &&
      std::all_of(victims.begin(), victims.end(), [](const Victim& victim) {
        return victim.task_memcg.has_value();
      });
  return logged;
}

}  // namespace

std::optional<GroupEvidence> read_group(const std::string& path,
                                        const Hierarchy& hierarchy) {
  if (!is_cgroup_file_system(path, hierarchy.version)) return std::nullopt;
  try {
    const Cgroup group = Cgroup::open(path, hierarchy.version);
    return read_files(group, Memory::open(group), hierarchy.mount_point);
  } catch (const cgroupfs::NotSupported&) {
    return std::nullopt;
  } catch (const cgroupfs::FileError& error) {
    if (cgroupfs::is_absent(error.code().value())) return std::nullopt;
    throw;
  }
}

bool note_kills(const std::vector<Victim>& victims, const KernelName& name,
                LoggedKills& logged) {
  bool noted = false;
  for (const Victim& victim : victims) {
    if (!victim.task_memcg) {
      for (LoggedKill& kill : logged.kills) ++kill.unplaced_after;
      continue;
    }
    if (!name.holds(*victim.task_memcg)) continue;
    logged.kills.push_back(
        {victim, victim.oom_memcg && name.is(*victim.oom_memcg)});
    noted = true;
  }
  return noted;
}

Program find_exercise_program(Version version,
                              const std::vector<GroupProcess>& members) {
  Program program;
  try {
    program.path = find_program("malloc_demo");
  } catch (const RunError&) {
    // The shell may find it.
  }
  std::uint64_t newest = 0;
  for (const pid_t pid : own_programs(version)) {
    const bool inside = std::any_of(
        members.begin(), members.end(),
        [&](const GroupProcess& member) { return member.pid == pid; });
    const auto stat = inside ? std::nullopt : proc_stat(pid);
    if (!stat || stat->exiting || stat->start_time < newest) continue;
    newest = stat->start_time;
    program.pid = pid;
  }
  return program;
}

std::optional<std::string> exercise_place(const Assignment& assignment,
                                          const ExerciseEvidence& evidence) {
  const std::string& group = assignment.group;
  const std::string& mount_point = evidence.hierarchy.mount_point;
  if (evidence.directory) return evidence.directory;
  if (group.starts_with(mount_point + "/")) return group;
  if (group.starts_with('/')) return mount_point + group;
  if (group.find('/') != group.npos) return mount_point + "/" + group;
  if (!evidence.parent) return std::nullopt;
  return *evidence.parent + "/" + group;
}

std::optional<std::string> find_ready_parent() {
  try {
    const Placement placement = choose_placement(Parameters());
    if (placement.preparation == Preparation::none) return placement.parent;
  } catch (const Unavailable&) {
    // `cglab exercise` then says how to get one.
  }
  return std::nullopt;
}

ExerciseEvidence look_at_directory(const Hierarchy& hierarchy,
                                   std::optional<std::string> directory) {
  ExerciseEvidence evidence;
  evidence.hierarchy = hierarchy;
  evidence.directory = std::move(directory);
  if (!evidence.directory) return evidence;
  evidence.group = read_group(*evidence.directory, hierarchy);
  if (!evidence.group && hierarchy.version == Version::v2) {
    evidence.not_delegating =
        not_delegating_above(*evidence.directory, hierarchy);
  }
  return evidence;
}

ExerciseEvidence read_evidence(const Assignment& assignment) {
  const Hierarchy hierarchy = memory_hierarchy();
  ExerciseEvidence evidence =
      look_at_directory(hierarchy, find_group(assignment.group, hierarchy));
  evidence.parent = find_ready_parent();
  evidence.program = find_exercise_program(
      hierarchy.version,
      evidence.group ? evidence.group->processes : std::vector<GroupProcess>());
  const auto place = exercise_place(assignment, evidence);
  if (place) evidence.logged = read_log(*place, hierarchy);
  if (!evidence.directory) {
    evidence.misplaced = find_misplaced(assignment.group, hierarchy);
  }
  return evidence;
}

}  // namespace lab
