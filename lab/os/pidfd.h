// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <optional>

#include "cgroupfs/unique_fd.h"
#include "lab/os/child.h"
#include "lab/os/seccomp.h"

/// Processes that this one did not start.
namespace lab {

inline constexpr KernelCall pidfd_open_call{"pidfd_open", "5.3"};

/// pidfd_open(2). Empty, with errno, where there is no such process or the call
/// is forbidden (a seccomp filter).
cgroupfs::UniqueFd open_pidfd(pid_t pid) noexcept;

/// Whether the process has ended: all its threads have.
bool has_ended(const cgroupfs::UniqueFd& pidfd) noexcept;

/// What a pidfd reports about a process that has ended.
struct PidfdEnd {
  std::optional<ExitStatus> status;
  bool may_come = false;  ///< after its parent has reaped it
};

/// From PIDFD_GET_INFO (include/uapi/linux/pidfd.h), on kernels since ~6.15.
PidfdEnd end_of(const cgroupfs::UniqueFd& pidfd) noexcept;

/// Whether both share their memory, from kcmp(2). Two that are exiting have
/// none, which counts as shared. nullopt where kcmp(2) is refused.
std::optional<bool> have_same_memory(pid_t one, pid_t other) noexcept;

}  // namespace lab
