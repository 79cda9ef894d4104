// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "cgroupfs/unique_fd.h"

namespace lab {

/// Whether an argument is a process id: it consists of digits.
bool is_pid(const std::string& argument) noexcept;

/// That process id. Throws UsageError.
pid_t parse_pid(const std::string& text);

/// A process that this one did not start. It is identified by a pidfd or, where
/// that is forbidden (a seccomp filter) or `pid` is that of a thread, by its
/// start time: it is never confused with another process that gets its id.
class ForeignProcess {
 public:
  /// Throws UsageError where there is no such process, Unavailable where this
  /// user may not see it.
  explicit ForeignProcess(pid_t pid);

  pid_t pid() const noexcept { return pid_; }
  /// Readable when it has ended; -1: only has_ended() detects that.
  int fd() const noexcept { return pidfd_.get(); }
  /// Clock ticks since boot.
  std::uint64_t start_time() const noexcept { return start_time_; }

  /// Whether it is a zombie, or gone.
  bool has_ended() const;
  /// On v1 its /proc/PID/cgroup then shows the root. True also when it is gone.
  bool is_exiting() const;
  /// Throws UsageError where it is a zombie.
  void require_alive() const;
  /// Throws UsageError where it is gone, otherwise Unavailable: /proc does not
  /// show it.
  [[noreturn]] void refuse_unseen() const;
  /// Throws UsageError: it is exiting.
  [[noreturn]] void refuse_exiting() const;

 private:
  pid_t pid_;
  cgroupfs::UniqueFd pidfd_;
  std::uint64_t start_time_ = 0;
};

}  // namespace lab
