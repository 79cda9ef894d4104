// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "cgroupfs/mountinfo.h"
#include "lab/inspect/inspection.h"
#include "lab/place/foreign_process.h"

namespace lab {

/// What an argument of `cglab inspect` denotes.
struct FoundSubject {
  Subject subject;
  std::optional<ForeignProcess> process;
  /// The cgroup, where it was found by its directory.
  std::optional<std::string> directory;
};

/// Digits are a process or a thread, unless they are 12 or more and denote a
/// number above all process ids. Anything else is the path of a cgroup; or
/// a container by at least four digits of its id or by its name, or a unit of
/// systemd, if a cgroup has such a name; or the name of a container that podman
/// or docker knows. Of a container and a unit the oldest process is shown, and
/// of a container the innermost cgroup that has all its processes.
/// Throws UsageError where there is none of these or several of them, or it has
/// ended, Unavailable where this user may not see it.
FoundSubject find_subject(const std::string& argument,
                          const std::vector<cgroupfs::Mount>& mounts);

/// A cgroup whose name matches a container or a unit.
struct NamedCgroup {
  Subject::Kind kind = Subject::Kind::container;
  std::string path;  ///< in its hierarchy
  std::string directory;

  bool operator==(const NamedCgroup&) const = default;
};

/// Whether the last component of `path`, a path as in /proc/PID/cgroup, is the
/// name of the container or the unit `wanted`.
std::optional<Subject::Kind> match_name(const std::string& path,
                                        const std::string& wanted);

/// All that match in `hierarchies`, and of those with the same path in several
/// only that in the first: on v1 a service without limits exists in that of
/// systemd alone. Unreadable folders are skipped.
std::vector<NamedCgroup> find_named_cgroups(
    const std::vector<cgroupfs::Hierarchy>& hierarchies,
    const std::string& wanted);

/// What podman or docker says about a container.
struct RuntimeAnswer {
  std::string program;
  pid_t pid = 0;  ///< 0: it is not running
  std::string id;
};

/// Asks podman, then docker, each as far as it is installed; nullopt where none
/// knows it, with what they said in `refusals`. Throws cgroupfs::FileError.
std::optional<RuntimeAnswer> ask_runtimes(const std::string& name,
                                          std::vector<std::string>& refusals);

/// "PID ID", as asked for. Throws cgroupfs::ParseError.
RuntimeAnswer parse_runtime_answer(const std::string& text);

}  // namespace lab
