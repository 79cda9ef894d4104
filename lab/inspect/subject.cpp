// SPDX-License-Identifier: MIT
#include "lab/inspect/subject.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/directory.h"
#include "cgroupfs/text.h"
#include "lab/base/errors.h"
#include "lab/inspect/cgroup_state.h"
#include "lab/os/proc_stat.h"
#include "lab/place/cgroup_path.h"

namespace lab {
namespace {

using cgroupfs::Directory;
using cgroupfs::Hierarchy;
using cgroupfs::Mount;
using cgroupfs::Version;

/// Fewer digits of an id may be anything.
constexpr std::size_t least_id_digits = 4;

bool is_memory(const Mount& mount) {
  return std::find(mount.super_options.begin(), mount.super_options.end(),
                   "memory") != mount.super_options.end();
}

/// The mounted hierarchies, that of memory first.
std::vector<Hierarchy> hierarchies_in(const std::vector<Mount>& mounts) {
  std::vector<Hierarchy> hierarchies;
  for (const Mount& mount : mounts) {
    if (!mount.type.starts_with("cgroup") ||
        !cgroupfs::is_reachable(mount, mounts)) {
      continue;
    }
    hierarchies.insert(
        is_memory(mount) ? hierarchies.begin() : hierarchies.end(),
        hierarchy_at(version_of(mount), mount.mount_point, mount.root));
  }
  return hierarchies;
}

bool is_leader(pid_t pid) {
  const auto text =
      cgroupfs::try_read_file(fmt::format("/proc/{}/status", pid));
  return !text || parse_status_text(*text).process == pid;
}

/// An id of a container may consist of digits, too: its tools show 12 of 64.
/// The largest process id is 4194304 (proc(5)).
bool denotes_process(const std::string& argument) {
  constexpr std::size_t pid_digits = 7;
  constexpr std::size_t short_id = 12;
  if (!is_pid(argument)) return false;
  const std::size_t zeros =
      std::min(argument.find_first_not_of('0'), argument.size());
  return argument.size() < short_id || argument.size() - zeros <= pid_digits;
}

FoundSubject process_subject(const std::string& argument, pid_t pid) {
  FoundSubject found;
  found.process.emplace(pid);
  found.process->require_alive();
  found.subject = {
      is_leader(pid) ? Subject::Kind::process : Subject::Kind::thread, argument,
      pid, std::nullopt};
  return found;
}

std::optional<std::string> find_directory(
    const std::string& argument, const std::vector<Hierarchy>& hierarchies) {
  for (const Hierarchy& each : hierarchies) {
    auto path = find_cgroup_directory(argument, each);
    if (path && is_cgroup_file_system(*path, each.version)) return path;
  }
  return std::nullopt;
}

Version version_at(const std::string& directory) {
  return is_cgroup_file_system(directory, Version::v2) ? Version::v2
                                                       : Version::v1;
}

/// The process of a cgroup and its descendants that was started first; nullopt
/// where none is visible.
std::optional<pid_t> oldest_process(const std::string& directory) try {
  const auto pids = cgroupfs::Cgroup::open(directory, version_at(directory))
                        .subtree_processes();
  std::optional<pid_t> oldest;
  std::uint64_t earliest = 0;
  for (const pid_t pid : pids) {
    const auto stat = pid > 0 ? proc_stat(pid) : std::nullopt;
    if (!stat || stat->exiting) continue;
    if (oldest && stat->start_time >= earliest) continue;
    oldest = pid;
    earliest = stat->start_time;
  }
  return oldest;
} catch (const cgroupfs::FileError&) {
  return std::nullopt;
}

/// The innermost cgroup that has all processes of this one: crun keeps them,
/// and the limits, in a child of the cgroup that has the container's id.
std::string innermost_with_all(std::string directory) try {
  const Version version = version_at(directory);
  while (cgroupfs::Cgroup::open(directory, version).processes().empty()) {
    const Directory opened = Directory::open(directory);
    const auto children = opened.subdirectories();
    if (children.size() != 1) break;
    directory = opened.path_of(children.front());
  }
  return directory;
} catch (const cgroupfs::FileError&) {
  return directory;
}

FoundSubject named_subject(const std::string& argument,
                           const NamedCgroup& named) {
  FoundSubject found;
  found.subject = {named.kind, argument, std::nullopt, std::nullopt};
  found.directory = named.kind == Subject::Kind::container
                        ? innermost_with_all(named.directory)
                        : named.directory;
  const auto pid = oldest_process(named.directory);
  if (!pid) return found;
  try {
    found.process.emplace(*pid);
    found.subject.pid = *pid;
  } catch (const UsageError&) {
    // It has ended meanwhile: the cgroup is shown without it.
  }
  return found;
}

[[noreturn]] void refuse_ambiguous(const std::string& argument,
                                   const std::vector<NamedCgroup>& named) {
  std::vector<std::string> paths(named.size());
  std::transform(named.begin(), named.end(), paths.begin(),
                 [](const NamedCgroup& each) { return each.directory; });
  throw UsageError(
      fmt::format("'{}' matches {} cgroups; give the path of one:"
                  "\n  {}",
                  argument, named.size(), fmt::join(paths, "\n  ")));
}

/// Names of containers and units.
bool may_be_name(const std::string& argument) {
  return !argument.empty() && argument.find('/') == argument.npos &&
         argument.front() != '-' && argument.front() != '.';
}

[[noreturn]] void refuse_unknown(const std::string& argument,
                                 const std::vector<Hierarchy>& hierarchies,
                                 const std::vector<std::string>& refusals) {
  const std::string& mount = hierarchies.front().mount_point;
  if (!may_be_name(argument)) {
    throw UsageError(
        fmt::format("'{0}': no such cgroup under {1} (give a path relative to "
                    "{1}, or a full path)",
                    argument, mount));
  }
  const std::string said = refusals.empty()
                               ? "neither podman nor docker is installed"
                               : fmt::format("{}", fmt::join(refusals, "; "));
  throw UsageError(fmt::format(
      "'{}': no such cgroup under {}, and no container or unit of that name "
      "({})",
      argument, mount, said));
}

/// The pid may be one of another machine, to which the program talks.
void require_container(const RuntimeAnswer& answer,
                       const std::vector<Mount>& mounts) {
  for (const CgroupPlace& place : places_of(answer.pid, mounts)) {
    const auto container = names_in(place.path).container;
    if (container && container->id == answer.id) return;
  }
  throw UsageError(fmt::format(
      "{0} says that the container's process is {1}, but here no cgroup of "
      "process {1} has its id: it may be a process of another machine, or the "
      "container has no cgroup (to inspect that process: cglab inspect {1})",
      answer.program, answer.pid));
}

FoundSubject asked_subject(const std::string& argument,
                           const RuntimeAnswer& answer,
                           const std::vector<Mount>& mounts) {
  if (answer.pid == 0) {
    throw UsageError(fmt::format("the container '{}' of {} is not running",
                                 argument, answer.program));
  }
  FoundSubject found = process_subject(argument, answer.pid);
  require_container(answer, mounts);
  found.subject.kind = Subject::Kind::container;
  found.subject.asked = answer.program;
  return found;
}

void walk(const Directory& directory, const std::string& path,
          const std::string& wanted, std::vector<NamedCgroup>& found) {
  for (const std::string& name : directory.subdirectories()) {
    const std::string below = path + "/" + name;
    if (const auto kind = match_name(below, wanted)) {
      found.push_back({*kind, below, directory.path_of(name)});
    }
    try {
      walk(directory.open_directory(name), below, wanted, found);
    } catch (const cgroupfs::FileError&) {
      // It was removed meanwhile, or may not be read.
      continue;
    }
  }
}

std::vector<NamedCgroup> named_cgroups_in(const Hierarchy& hierarchy,
                                          const std::string& wanted) {
  std::vector<NamedCgroup> found;
  const auto top = Directory::try_open(hierarchy.mount_point);
  if (!top) return found;
  walk(*top, "", wanted, found);
  if (hierarchy.mount_root == "/") return found;
  for (NamedCgroup& each : found) each.path.insert(0, hierarchy.mount_root);
  return found;
}

}  // namespace

std::optional<Subject::Kind> match_name(const std::string& path,
                                        const std::string& wanted) {
  const CgroupNames names = names_in(path);
  if (names.container && names.container->cgroup == path) {
    const std::string& id = names.container->id;
    const bool is_prefix = wanted.size() >= least_id_digits &&
                           id.size() == 64 && id.starts_with(wanted);
    if (is_prefix || id == wanted) return Subject::Kind::container;
  }
  const std::string last = path.substr(path.rfind('/') + 1);
  for (const std::string& name : {last, unescape_unit(last)}) {
    for (const char* const ending : {"", ".service", ".scope", ".slice"}) {
      const bool is_unit = name.ends_with(".service") ||
                           name.ends_with(".scope") || name.ends_with(".slice");
      if (is_unit && name == wanted + ending) return Subject::Kind::unit;
    }
  }
  return std::nullopt;
}

std::vector<NamedCgroup> find_named_cgroups(
    const std::vector<Hierarchy>& hierarchies, const std::string& wanted) {
  std::vector<NamedCgroup> found;
  for (const Hierarchy& each : hierarchies) {
    for (NamedCgroup& named : named_cgroups_in(each, wanted)) {
      const bool known = std::any_of(
          found.begin(), found.end(),
          [&](const NamedCgroup& other) { return other.path == named.path; });
      if (!known) found.push_back(std::move(named));
    }
  }
  return found;
}

FoundSubject find_subject(const std::string& argument,
                          const std::vector<Mount>& mounts) {
  if (denotes_process(argument)) {
    return process_subject(argument, parse_pid(argument));
  }
  const auto hierarchies = hierarchies_in(mounts);
  if (hierarchies.empty()) {
    throw Unavailable("no cgroup file system is mounted",
                      "give the id of a process", /*vm_helps=*/false);
  }
  if (argument.empty()) throw UsageError("the argument is empty");
  if (const auto path = find_directory(argument, hierarchies)) {
    FoundSubject found;
    found.subject = {Subject::Kind::cgroup, argument, std::nullopt,
                     std::nullopt};
    found.directory = path;
    return found;
  }
  std::vector<std::string> refusals;
  if (may_be_name(argument)) {
    const auto named = find_named_cgroups(hierarchies, argument);
    if (named.size() > 1) refuse_ambiguous(argument, named);
    if (!named.empty()) return named_subject(argument, named.front());
    if (const auto answer = ask_runtimes(argument, refusals)) {
      return asked_subject(argument, *answer, mounts);
    }
  }
  refuse_unknown(argument, hierarchies, refusals);
}

}  // namespace lab
