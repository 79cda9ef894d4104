// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lab {

/// What /proc/PID/stat (proc(5)) says of a process.
struct ProcStat {
  std::string name;  ///< of the leader; a thread may have another
  char state = '?';  ///< 'S', 'D', 'Z', ...
  pid_t parent = 0;
  /// It is on its way out, or has ended and was not reaped: on v1 its
  /// /proc/PID/cgroup shows the root then.
  bool exiting = false;
  /// Page faults of the children that it has waited for; 0 when it had none.
  std::uint64_t faults_of_children = 0;
  std::uint64_t start_time = 0;  ///< clock ticks since boot
  /// Of a zombie, as wait(2) has it; 0 also where it may not be asked.
  int wait_status = 0;
  /// Where its stack begins, which exec chooses anew and fork does not; 0 where
  /// it may not be asked, and of one that is exiting.
  std::uint64_t start_stack = 0;
};

/// Throws cgroupfs::ParseError.
ProcStat parse_proc_stat(std::string_view text);

/// nullopt when there is no such process. Throws cgroupfs::FileError when it
/// may not be read, and cgroupfs::ParseError.
std::optional<ProcStat> proc_stat(pid_t pid);

/// What /proc/PID/status (proc(5)) says of a process.
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
