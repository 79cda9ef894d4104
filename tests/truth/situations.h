// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"

/// The truth table: what really happens in a run, and what its record may
/// state.
namespace truth_test {

/// The state of the kernel log.
enum class Log {
  readable,
  unreadable,       ///< dmesg_restrict
  rate_limited,     ///< ten kills just before
  flooded,          ///< its records are overwritten
  forged,           ///< lines that only look like those of the kernel
  other_namespace,  ///< its pids are those of another PID namespace
  filtered,         ///< readable; pidfd_open(2) and kcmp(2) are forbidden
};

const char* name_of(Log log);

/// The statements of a verdict that may be missing.
struct Unknown {
  bool main = false;    ///< whether the main process was OOM-killed
  bool inside = false;  ///< whether a process inside was
  bool owner = false;   ///< whose limit it was
};

/// What happens in a run of a shell script.
struct Story {
  const char* name;
  /// $HOG allocates more than any limit, $ACTOR plays a role, $MAKE_SUB creates
  /// a cgroup with a lower limit inside, at $SUB, $OTHER is one next to the
  /// run's, $ELSEWHERE one without a limit, $MAX and $MEMSW are limit files and
  /// $NO_LIMIT the value that removes a limit, $SHM and $DISK are folders in
  /// memory and on a disk. $STRANGER is a stopped process from before the run,
  /// which allocates memory when it continues, $SETUID a program that runs as
  /// root, $FREEZER a cgroup of the v1 freezer. A process whose pid is written
  /// to $TRACED is traced from then on, and never reaped.
  const char* script;
  bool main_killed = false;  ///< by the OOM killer
  bool any_killed = false;   ///< inside, the main process or another
  /// As in records; "": no process was killed, or several at different limits.
  const char* owner = "";
  std::vector<Log> logs;
  /// What the sources leave open without the log on v1 and v2, and where the
  /// log's pids belong to another namespace.
  Unknown without_log_v1 = {};
  Unknown without_log_v2 = {};
  Unknown in_namespace = {};
  /// Where the log has the victim, but not its cgroup.
  Unknown rate_limited_v1 = {};
  std::vector<std::string> options = {};
  /// The parent's limit is hit; the run's own is larger.
  bool by_parent = false;
  bool by_user = false;  ///< the run is an ordinary user's
  std::optional<cgroupfs::Version> only = std::nullopt;
  Unknown always = {};  ///< with any log
  /// Kinds of findings, as in records: these and no others. Those that a
  /// reading may miss are in `may_find`.
  std::set<std::string> finds = {};
  std::set<std::string> may_find = {};
  /// As in records, with the corresponding exit status; "": any.
  const char* status = "";
  std::optional<int> exit_status = std::nullopt;
};

/// A story with one state of the log.
struct Situation {
  Story story;
  Log log;
};

/// Whether the log must contain the cgroups of its kills.
bool needs_log(const Situation& situation);

/// All situations, including those of only one version.
std::vector<Situation> situations();

/// "child_killed_then_main_by_hand__unreadable".
std::string name_of(const Situation& situation);

/// The statements that may be unknown in it.
Unknown unknown_in(const Situation& situation, cgroupfs::Version version);

}  // namespace truth_test
