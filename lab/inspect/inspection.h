// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "cgroupfs/memory.h"
#include "lab/base/enum_words.h"
#include "lab/base/units.h"
#include "lab/inspect/container.h"
#include "lab/inspect/network.h"
#include "lab/inspect/proc_text.h"
#include "lab/place/limit_chain.h"
#include "lab/record/fact.h"
#include "lab/run/readings.h"

/// What `cglab inspect` has read, as plain data. An unavailable value is
/// nullopt, with its reason among the gaps; never an invented zero.
namespace lab {

/// Something that could not be read.
struct Gap {
  /// refused: this user may not, or the call failed; absent: this kernel, this
  /// version or this cgroup does not have it.
  enum class Kind { refused, absent };
  Kind kind = Kind::refused;
  Text what;
  std::string file;         ///< empty where there is none
  std::string reason;       ///< in English, as errors are
  std::optional<Text> fix;  ///< what to do
};

template <>
struct EnumWords<Gap::Kind> {
  static constexpr auto table = enum_words<Gap::Kind>(
      {{Gap::Kind::refused, "refused"}, {Gap::Kind::absent, "absent"}});
};

using Gaps = std::vector<Gap>;

/// What was asked for.
struct Subject {
  enum class Kind { process, thread, cgroup, container, unit };
  Kind kind = Kind::process;
  std::string argument;
  std::optional<pid_t> pid;  ///< of the process or thread that is shown
  /// The program that was asked for the container: "podman".
  std::optional<std::string> asked;
};

template <>
struct EnumWords<Subject::Kind> {
  static constexpr auto table =
      enum_words<Subject::Kind>({{Subject::Kind::process, "process"},
                                 {Subject::Kind::thread, "thread"},
                                 {Subject::Kind::cgroup, "cgroup"},
                                 {Subject::Kind::container, "container"},
                                 {Subject::Kind::unit, "unit"}});
};

/// The cgroup in one hierarchy.
struct CgroupPlace {
  cgroupfs::Version version = cgroupfs::Version::v2;
  std::vector<std::string> controllers;  ///< empty on v2
  std::string path;                      ///< as in /proc/PID/cgroup
  std::string mount_point;               ///< empty: not mounted
  /// nullopt: the hierarchy is not mounted, or the cgroup is outside the
  /// mounted subtree.
  std::optional<std::string> directory;
};

/// One cgroup of the chain of memory limits.
struct MemoryLevel {
  std::string path;
  std::optional<Bytes> usage;
  std::vector<LimitReading> limits;
  /// Charges that hit its own limit: failcnt (v1), `max` of memory.events.local
  /// (v2). They say nothing about an OOM.
  std::optional<std::uint64_t> hits;
  /// v2: OOMs at its own limit, `oom` of memory.events.local.
  std::optional<std::uint64_t> ooms;
  /// OOM kills of processes of this cgroup itself, by whosever limit.
  std::optional<std::uint64_t> kills;
};

/// The memory controller's view, nearest cgroup first.
struct MemoryState {
  cgroupfs::Version version = cgroupfs::Version::v2;
  std::string mount_point;
  std::string path;           ///< of the cgroup that is charged
  bool reaches_root = false;  ///< no ancestor is outside the mount point
  bool all_read = true;       ///< no level of the chain failed
  std::vector<MemoryLevel> levels;
  /// OOM kills in the cgroup and its descendants (v1: those that exist).
  std::optional<std::uint64_t> kills;
  std::optional<Bytes> swap;
  std::optional<Bytes> peak;
  Composition parts;
  std::optional<cgroupfs::Pressure> pressure;
  std::optional<bool> kill_disabled;  ///< v1
  std::optional<bool> under_oom;      ///< v1
  std::optional<bool> group_kill;     ///< v2

  /// Only then the absence of a limit is certain.
  bool complete() const noexcept { return reaches_root && all_read; }
};

/// One cgroup of the chain of pids limits; the root has neither number.
struct PidsLevel {
  std::string path;
  std::optional<std::uint64_t> current;
  std::optional<std::uint64_t> max;      ///< nullopt: no limit
  std::optional<std::uint64_t> refused;  ///< forks
};

/// One cgroup of the chain of CPU limits.
struct CpuLevel {
  std::string path;
  std::optional<std::uint64_t> quota_us;   ///< of a period; nullopt: no limit
  std::optional<std::uint64_t> period_us;  ///< nullopt: the root
  std::optional<std::uint64_t> periods;
  std::optional<std::uint64_t> throttled;  ///< of these periods
  std::optional<nanoseconds> throttled_time;
};

/// The limits of a cgroup and its ancestors, nearest first.
template <typename Level>
struct Chain {
  std::vector<Level> levels;
  /// It reaches the root of the hierarchy, and no level failed: only then the
  /// absence of a limit is certain.
  bool complete = false;
};

/// The processes in a cgroup and its descendants.
struct Members {
  std::uint64_t count = 0;
  std::vector<pid_t> first;  ///< a few
};

/// A process or a thread.
struct ProcessState {
  ProcStatusText status;
  /// The number of the kernel's last capability.
  std::optional<std::uint64_t> last_capability;
  std::optional<std::chrono::system_clock::time_point> started;
  std::optional<std::string> program;  ///< of /proc/PID/exe
  std::optional<std::int64_t> oom_score;
  std::optional<std::int64_t> oom_score_adj;
  std::optional<std::vector<IdRange>> uid_map;
  std::optional<std::vector<IdRange>> gid_map;
  std::optional<RootFileSystem> root;
};

/// A namespace of the process and that of the caller, by their inode numbers.
struct NamespaceState {
  std::string kind;  ///< "pid" and so on, the name in /proc/PID/ns
  std::uint64_t inode = 0;
  std::uint64_t own_inode = 0;

  bool differs() const noexcept { return inode != own_inode; }
};

/// All of it.
struct Inspection {
  std::chrono::system_clock::time_point time;
  Subject subject;
  /// The process ended meanwhile: what was read afterwards is left out.
  bool ended = false;
  std::vector<CgroupPlace> cgroups;
  /// Of a subject that is a cgroup: the process in it whose cgroups in other
  /// hierarchies are shown; nullopt where none are.
  std::optional<pid_t> member;
  std::optional<MemoryState> memory;
  Chain<PidsLevel> pids;
  Chain<CpuLevel> cpu;
  std::optional<Members> members;
  std::optional<ProcessState> process;
  std::vector<NamespaceState> namespaces;
  ContainerFinding container;
  std::optional<NetworkState> network;
  Gaps gaps;
};

}  // namespace lab
