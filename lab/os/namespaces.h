// SPDX-License-Identifier: MIT
#pragma once

namespace lab {

/// Whether this process is in the initial namespace of its kind, whose inode
/// number is fixed (include/linux/proc_ns.h). False where that is unknown. Only
/// there are pids and cgroup paths those of the kernel log.
bool in_initial_pid_namespace() noexcept;
bool in_initial_cgroup_namespace() noexcept;

/// Whether /proc has the pids of this process' own PID namespace: it is of the
/// namespace in which it was mounted (proc(5)).
bool proc_has_own_pids() noexcept;

}  // namespace lab
