// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cgroupfs/unique_fd.h"
#include "lab/record.h"

namespace lab {

/// Finds the kernel's report of an OOM kill in a task_memcg that ends in
/// `group_name`, in text of /dev/kmsg records (Documentation/ABI/testing/
/// dev-kmsg). The report's parts are mm/oom_kill.c's:
/// "oom-kill:constraint=...", and "Memory cgroup out of memory: Killed process
/// PID (NAME) ...". The first is rate-limited: without it the victim must be
/// `pid`. nullopt without either.
std::optional<Victim> parse_victim(std::string_view kmsg,
                                   std::string_view group_name, pid_t pid);

/// All of them, as they were logged.
std::vector<Victim> parse_victims(std::string_view kmsg,
                                  std::string_view group_name, pid_t pid);

/// The kernel's log from now on.
class KernelLog {
 public:
  /// Opens /dev/kmsg at its end. Never throws: where it is forbidden
  /// (dmesg_restrict) the log is unreadable and absent_because() says why.
  KernelLog();

  bool readable() const noexcept { return static_cast<bool>(fd_); }
  /// Why the log cannot be read; empty when it can.
  const std::string& absent_because() const noexcept { return reason_; }
  /// Takes what was logged since it was opened or last asked. Never blocks;
  /// records that the ring buffer has dropped are missing.
  void collect();
  /// All that was collected, a record a line.
  const std::string& text() const noexcept { return text_; }

 private:
  cgroupfs::UniqueFd fd_;
  std::string reason_;
  std::string text_;
};

}  // namespace lab
