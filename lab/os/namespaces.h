// SPDX-License-Identifier: MIT
#pragma once

namespace lab {

/// Whether this process is in the first namespace of its kind, whose inode
/// number is fixed (include/linux/proc_ns.h). False where that is unknown.
/// There, and nowhere else, pids and cgroup paths are those of the kernel's
/// log.
bool in_initial_pid_namespace() noexcept;
bool in_initial_cgroup_namespace() noexcept;

}  // namespace lab
