// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "lab/classroom/assignment.h"
#include "lab/classroom/find_group.h"
#include "lab/place/kernel_name.h"
#include "lab/record/record.h"

namespace lab {

/// A process, other than this one, in the cgroup or a descendant, from
/// /proc/PID/stat and status.
struct GroupProcess {
  pid_t pid = 0;
  std::string name;
  char state = '?';  ///< 'S', 'D', ... (proc(5))
  /// Its anonymous resident memory, wherever charged (RssAnon). Pages of files
  /// and libraries are charged to the cgroup that read them first.
  std::optional<Bytes> anon;
  bool is_above_us = false;  ///< it is an ancestor of this process
};

/// An ancestor whose own limit was hit, or may have been because its counter
/// cannot be read or could be reset (v1): the kill may be due to that limit.
struct HitAncestor {
  std::string path;
  /// As GroupEvidence::limit_hits; nullopt: it cannot be read.
  std::optional<std::uint64_t> hits;
};

/// The contents of the cgroup's interface files; nullopt for missing files.
struct GroupEvidence {
  std::string path;
  std::optional<Limit> limit;       ///< the hard one
  std::optional<Limit> soft_limit;  ///< v1 soft limit, v2 memory.high
  std::optional<Limit> swap_limit;  ///< v1 memory plus swap, v2 swap only
  Bytes usage;
  std::optional<Bytes> peak;
  std::optional<Bytes> swap;
  std::vector<GroupProcess> processes;
  std::optional<std::uint64_t> oom_kills;  ///< of this cgroup only
  std::uint64_t kills_below = 0;           ///< of its descendants
  bool has_children = false;
  std::optional<std::uint64_t> limit_hits;  ///< v1 failcnt; v2 `oom`, local
  /// How often a charge hit the limit: v2 `max`, local.
  std::optional<std::uint64_t> limit_meetings;
  std::vector<HitAncestor> ancestors_hit;  ///< nearest first
  std::optional<Bytes> page_cache;         ///< of the usage, without shmem
  std::optional<std::uint64_t> faults;     ///< pgfault of memory.stat
  /// The most that those faults can have charged. Reading or writing a file
  /// charges without a fault.
  std::optional<Bytes> faulted;
  std::optional<bool> oom_kill_disable;  ///< v1
  std::optional<bool> under_oom;         ///< v1
};

struct LoggedKill {
  Victim victim;
  bool by_own_limit = false;  ///< oom_memcg is the cgroup itself
  /// Later kills in the log without a cgroup (its rate limit): each may be of
  /// this one as well.
  std::size_t unplaced_after = 0;
};

/// The OOM kills in the cgroup, from the kernel's log.
struct LoggedKills {
  /// The log has every kill since boot, with its cgroup.
  bool complete = false;
  std::vector<LoggedKill> kills;  ///< in a cgroup of that path, at any time
};

/// A rise of oom_kill, between two looks of `check --watch`.
struct SeenKill {
  /// The hard limit at both looks; nullopt: it was written in between.
  std::optional<Limit> limit;
  /// Ancestors whose limit was, or may have been, hit since the cgroup was
  /// first seen.
  std::vector<std::string> ancestors_hit;
  /// The cgroup's own limit was hit since usage was last far below it, and page
  /// cache did not fill it then. Otherwise another limit may have killed, or
  /// the host was out of memory.
  bool own_limit_hit = true;
};

/// Observations of `check --watch` that no file shows afterwards.
struct Seen {
  bool procs_written =
      false;             ///< cgroup.procs or tasks, with or without effect
  bool process = false;  ///< one was in it
  Bytes usage;           ///< the highest
  std::vector<SeenKill> kills;
};

/// The program of the exercise.
struct Program {
  std::string path = "malloc_demo";  ///< or a name to find it by
  /// Of this user (root: of this session), running outside of the cgroup and of
  /// the lab's own runs; the newest.
  std::optional<pid_t> pid;
};

/// The state left by a student's work, as plain data.
struct ExerciseEvidence {
  cgroupfs::Hierarchy hierarchy;
  std::optional<std::string> directory;  ///< of the cgroup
  /// nullopt without the directory, or when it has no memory controller.
  std::optional<GroupEvidence> group;
  /// v2: its ancestors that do not enable memory for children, outermost first.
  std::vector<std::string> not_delegating;
  std::optional<Misplaced> misplaced;  ///< looked for without the directory
  /// A parent in which the cgroup can be made at once; nullopt if it needs
  /// preparation.
  std::optional<std::string> parent;
  LoggedKills logged;
  Seen seen;
  Program program;
};

/// The interface files of the cgroup at `path` of `hierarchy`; nullopt if it
/// was removed or has no memory controller. Changes nothing. Throws
/// cgroupfs::FileError and cgroupfs::ParseError.
std::optional<GroupEvidence> read_group(const std::string& path,
                                        const cgroupfs::Hierarchy& hierarchy);

/// Adds to `logged` those of `victims`, in the log's order, that were in the
/// cgroup with the kernel's name `name` or in a descendant, and counts those
/// without a cgroup. Whether any was in it.
bool note_kills(const std::vector<Victim>& victims, const KernelName& name,
                LoggedKills& logged);

/// ExerciseEvidence::program, with the cgroup's own `members` left out.
Program find_exercise_program(cgroupfs::Version version,
                              const std::vector<GroupProcess>& members);

/// The path of the cgroup; if it does not exist, where it would be, if known.
std::optional<std::string> exercise_place(const Assignment& assignment,
                                          const ExerciseEvidence& evidence);

/// ExerciseEvidence::parent of this host.
std::optional<std::string> find_ready_parent();

/// Evidence from `directory` of `hierarchy`, the cgroup's; without a directory
/// only the hierarchy. Throws as read_group().
ExerciseEvidence look_at_directory(const cgroupfs::Hierarchy& hierarchy,
                                   std::optional<std::string> directory);

/// All evidence of the exercise. Changes nothing. Throws Unavailable,
/// UsageError, cgroupfs::FileError and cgroupfs::ParseError.
ExerciseEvidence read_evidence(const Assignment& assignment);

}  // namespace lab
