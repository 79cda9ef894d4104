// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lab {

/// /proc/PID/stat (proc(5)) of a process.
struct ProcStat {
  std::string name;  ///< of the leader; a thread may have another
  char state = '?';  ///< 'S', 'D', 'Z', ...
  pid_t parent = 0;
  /// It is exiting, or has ended and was not reaped: on v1 its /proc/PID/cgroup
  /// then shows the root.
  bool exiting = false;
  /// Page faults of the children that it has waited for; 0 when it had none.
  std::uint64_t faults_of_children = 0;
  std::uint64_t start_time = 0;  ///< clock ticks since boot
  /// Of a zombie, as in wait(2); 0 also where it may not be read.
  int wait_status = 0;
  /// The start of its stack, which changes with exec but not with fork; 0 where
  /// it may not be read, and once an exiting process has no memory any more.
  std::uint64_t start_stack = 0;
};

/// Throws cgroupfs::ParseError.
ProcStat parse_proc_stat(std::string_view text);

/// nullopt when there is no such process. Throws cgroupfs::FileError when it
/// may not be read, and cgroupfs::ParseError.
std::optional<ProcStat> proc_stat(pid_t pid);

/// /proc/PID/status (proc(5)) of a process.
struct ProcStatus {
  bool kill_pending = false;      ///< SIGKILL, in SigPnd or ShdPnd
  bool ignores_children = false;  ///< SIGCHLD, in SigIgn
  pid_t tracer = 0;               ///< 0: none
};

/// Keys that are absent count as zeros. Throws cgroupfs::ParseError.
ProcStatus parse_proc_status(std::string_view text);

/// As proc_stat().
std::optional<ProcStatus> proc_status(pid_t pid);

}  // namespace lab
