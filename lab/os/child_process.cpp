// SPDX-License-Identifier: MIT
#include "lab/os/child_process.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/base/units.h"
#include "lab/os/child.h"
#include "lab/os/signal_fd.h"

namespace lab {
namespace {

/// With clone3, into the cgroup of `cgroup_fd` unless that is -1.
pid_t clone_with_pidfd(int* pidfd, int cgroup_fd) noexcept {
  clone_args arguments{};
  arguments.flags = CLONE_PIDFD;
  arguments.pidfd = reinterpret_cast<std::uint64_t>(pidfd);
  arguments.exit_signal = SIGCHLD;
  if (cgroup_fd >= 0) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = static_cast<std::uint64_t>(cgroup_fd);
  }
  return static_cast<pid_t>(
      ::syscall(SYS_clone3, &arguments, sizeof(arguments)));
}

[[noreturn]] void refuse_start(int error) {
  if (!is_filtered(clone_pidfd, error)) {
    throw cgroupfs::FileError(error, "start", "the child (clone)");
  }
  throw Unavailable(
      "cannot start the child: " + why_refused(clone_pidfd, error),
      refusal_cure(clone_pidfd, error));
}

/// For a child that this process could not wait for.
[[noreturn]] void give_up(pid_t pid) {
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  throw Unavailable(
      "cannot get a pidfd of the child: " + why_refused(clone_pidfd, ENOSYS),
      refusal_cure(clone_pidfd, ENOSYS));
}

class ChildSide {
 public:
  ChildSide(const ChildPlan& plan, pid_t parent) noexcept
      : plan_(plan), parent_(parent) {}

  [[noreturn]] void run(bool created_inside) const noexcept {
    if (!created_inside) check(ChildStep::join, ::write(plan_.join_fd, "0", 1));
    die_with_parent();
    if (plan_.is_command) {
      become_command();
    } else {
      become_hog();
    }
    fail(ChildStep::exec);
  }

 private:
  void become_hog() const noexcept {
    ::setpgid(0, 0);
    be_first_victim();
    restore_default_signals();
    take_descriptors();
    ::execv(plan_.argv[0], plan_.argv);
  }

  void become_command() const noexcept {
    wait_at_gate();
    restore_inherited_signals();
    ::execvpe(plan_.argv[0], plan_.argv, plan_.envp);
  }

  /// End of file at the gate means that the parent has ended.
  void wait_at_gate() const noexcept {
    char byte = 1;
    check(ChildStep::descriptors, ::write(plan_.ready_fd, &byte, 1));
    if (::read(plan_.gate_fd, &byte, 1) != 1) ::_exit(127);
  }

  [[noreturn]] void fail(ChildStep step) const noexcept {
    const ChildFailure failure{step, errno};
    [[maybe_unused]] const ssize_t written =
        ::write(plan_.failure_fd, &failure, sizeof(failure));
    ::_exit(127);
  }

  void check(ChildStep step, ssize_t result) const noexcept {
    if (result < 0) fail(step);
  }

  void die_with_parent() const noexcept {
    check(ChildStep::outlive, ::prctl(PR_SET_PDEATHSIG, SIGKILL));
    // The parent may have died before the signal was set.
    if (::getppid() != parent_) ::_exit(127);
  }

  /// The OOM killer prefers the hog to other victims. Raising the score needs
  /// no privilege; a failure only makes it less certain.
  static void be_first_victim() noexcept {
    const int fd = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    [[maybe_unused]] const ssize_t written = ::write(fd, "1000", 4);
    ::close(fd);
  }

  void take_descriptors() const noexcept {
    check(ChildStep::descriptors, ::dup2(plan_.stdin_fd, STDIN_FILENO));
    check(ChildStep::descriptors, ::dup2(plan_.output_fd, STDOUT_FILENO));
    check(ChildStep::descriptors, ::dup2(plan_.output_fd, STDERR_FILENO));
    check(ChildStep::descriptors, ::dup2(plan_.gate_fd, gate_number));
    check(ChildStep::descriptors, ::dup2(plan_.progress_fd, progress_number));
  }

  const ChildPlan& plan_;
  pid_t parent_;
};

#ifdef __SANITIZE_ADDRESS__

/// Does not share its memory: AddressSanitizer does not support a stack whose
/// creation it did not see.
pid_t vfork_with_pidfd(const ChildSide&, int* pidfd) noexcept {
  return clone_with_pidfd(pidfd, -1);
}

#else

int run_on_own_stack(void* side) {
  static_cast<const ChildSide*>(side)->run(false);
}

/// Like vfork: this process waits until the child is exec'ed and shares its
/// memory with it meanwhile, so that no page table is copied and no page is
/// faulted in twice. Not for v2: in a frozen cgroup the child would wait, and
/// this process with it, and no signal ends that wait.
pid_t vfork_with_pidfd(const ChildSide& child, int* pidfd) noexcept {
  alignas(16) static std::array<char, 64 * kibi> stack;
  return ::clone(run_on_own_stack, stack.data() + stack.size(),
                 CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD,
                 const_cast<ChildSide*>(&child), pidfd);
}

#endif

}  // namespace

const char* to_string(ChildStep step) noexcept {
  switch (step) {
    case ChildStep::join:
      return "join its cgroup";
    case ChildStep::outlive:
      return "set its parent-death signal";
    case ChildStep::descriptors:
      return "set up its descriptors";
    case ChildStep::exec:
      return "start the program";
  }
  return "continue";
}

StartedChild start_child(const ChildPlan& plan) {
  const ChildSide child(plan, ::getpid());
  StartedChild process;
  if (plan.cgroup_fd >= 0) {
    process.pid = clone_with_pidfd(&process.pidfd, plan.cgroup_fd);
    process.created_inside = process.pid >= 0;
    if (process.pid == 0) child.run(true);
  } else if (!plan.is_command) {
    process.pid = vfork_with_pidfd(child, &process.pidfd);
  }
  if (process.pid < 0) process.pid = fork_with_pidfd(&process.pidfd);
  if (process.pid == 0) child.run(false);
  if (process.pid < 0) refuse_start(errno);
  if (process.pidfd < 0) give_up(process.pid);
  return process;
}

pid_t fork_with_pidfd(int* pidfd) noexcept {
  const pid_t pid = clone_with_pidfd(pidfd, -1);
  if (pid >= 0) return pid;
  return static_cast<pid_t>(
      ::syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, nullptr, pidfd, nullptr, 0));
}

}  // namespace lab
