// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "lab/os/seccomp.h"

namespace lab {

/// The steps of a child between clone and exec.
enum class ChildStep : int { join, outlive, descriptors, exec };

/// "join its cgroup", "start the program" and so on.
const char* to_string(ChildStep step) noexcept;

/// What a child reports when a step failed: the value of an eventfd. A pipe
/// would need a page, charged to the cgroup that is out of memory.
struct ChildFailure {
  ChildStep step;
  int error;  ///< errno, never 0
};
static_assert(sizeof(ChildFailure) == sizeof(std::uint64_t));

/// Everything that the child needs, prepared by the parent: between clone and
/// exec nothing is allocated. All descriptors are borrowed and above the
/// numbers that the child uses.
struct ChildPlan {
  char** argv = nullptr;
  /// A command uses only the gate of the descriptors below.
  bool is_command = false;
  char** envp = nullptr;  ///< of a command
  int stdin_fd = -1;
  int output_fd = -1;
  int gate_fd = -1;
  int progress_fd = -1;
  int ready_fd = -1;  ///< gets a byte when a command waits at its gate
  int join_fd = -1;  ///< `tasks` or `cgroup.procs`, for a child created outside
  int failure_fd = -1;  ///< eventfd for a ChildFailure
  int cgroup_fd =
      -1;  ///< v2 directory to be created in; -1: join through join_fd
};

/// A started child.
struct StartedChild {
  pid_t pid = -1;
  int pidfd = -1;  ///< to be closed by the caller
  bool created_inside = false;
};

/// Clones this single-threaded process; the child carries out `plan` and execs.
/// On v2 it falls back from clone3 into the cgroup (Linux 5.7) to joining
/// through join_fd where the kernel or a seccomp filter refuses clone3; on v1
/// it returns when the hog was exec'ed or has died. Throws cgroupfs::FileError,
/// and Unavailable where every call that returns a pidfd is refused.
StartedChild start_child(const ChildPlan& plan);

/// Forks this single-threaded process, with a pidfd in the parent: with clone3
/// or, for older kernels and seccomp filters, with clone. 0 in the child, -1
/// and errno when both fail. `pidfd` is unchanged on kernels without
/// CLONE_PIDFD.
pid_t fork_with_pidfd(int* pidfd) noexcept;

/// Returns a pidfd without another call.
inline constexpr KernelCall clone_pidfd{"clone with CLONE_PIDFD", "5.2"};
inline constexpr KernelCall clone_into{"clone3 with CLONE_INTO_CGROUP", "5.7"};
inline constexpr KernelCall plain_clone3{"clone3", "5.3"};

}  // namespace lab
