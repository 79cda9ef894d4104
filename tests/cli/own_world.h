// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "cgroupfs/hierarchy.h"

namespace cli_test {

/// Changes that a child process makes to its own view of the host before exec.
/// Nothing outside of that process sees them. Each ends the process with
/// unprepared_status when it fails.
inline constexpr int unprepared_status = 99;

/// Takes all mounts private into a namespace of its own.
void leave_mounts();
/// Mounts what is at `path` there again, read-only.
void make_read_only(const std::string& path);
/// Takes away what is mounted at `path`.
void unmount(const std::string& path);
/// Hides what is at `path` behind an empty folder.
void hide(const std::string& path);
/// Hides what is at `path` behind an empty folder that has room for `bytes`.
void hide_behind(const std::string& path, unsigned bytes);
/// Goes to where process `pid` has its mounts.
void join_mounts_of(pid_t pid);
/// Puts `file` in the place of file `path`.
void replace_file(const std::string& path, const std::string& file);
/// Lives on as the first process of a container whose cgroup namespace has the
/// cgroup at `box` as its root: with PIDs, mounts, /proc and a cgroup file
/// system at `mount_point` of its own. The process that this was called in ends
/// with its status.
void enter_container(const std::string& box, const std::string& mount_point,
                     cgroupfs::Version version);
/// Takes the cgroup at `box` for the root of its cgroup namespace, which is
/// mounted at `mount_point` from now on. The process itself stays where it was.
void enter_cgroup_namespace(const std::string& box,
                            const std::string& mount_point,
                            cgroupfs::Version version);
/// Has a /proc that shows users their own processes alone (since Linux 5.8
/// other mounts of it stay as they are).
void hide_processes_of_others();
/// Lives on as the first process of a PID namespace with mounts and, by
/// default, a /proc of its own. The process that this was called in ends
/// with its status.
void enter_pid_namespace(bool with_proc = true);
/// From now on a seccomp filter answers `error` to the system calls of these
/// numbers.
void forbid_calls(const std::vector<long>& numbers, int error);
/// The same of pidfd_open(2) and kcmp(2), with EPERM.
void forbid_process_calls();
/// Loses the right to read the kernel's log by the next exec (where
/// dmesg_restrict withholds it at all).
void lose_kernel_log();
/// Becomes user and group `id` without any privilege.
void become_user(unsigned id);

/// Empty when this process may do the above; else what a skip has to say.
std::string missing_for_own_mounts();
std::string missing_for_container();
std::string missing_for_losing_kernel_log();
std::string missing_for_user(unsigned id);

}  // namespace cli_test
