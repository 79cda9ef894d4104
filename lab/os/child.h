// SPDX-License-Identifier: MIT
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/unique_fd.h"

namespace lab {

struct ChildPlan;

/// What makes a child a command of the user's: it waits at its gate before
/// exec, is looked up on PATH, and keeps what this process was started with:
/// standard streams, process group (a terminal's Ctrl-C reaches it), signals.
struct CommandSpec {
  std::vector<std::string> environment;  ///< "NAME=VALUE", beside the inherited
};

/// What to start.
struct ChildSpec {
  std::string program;                 ///< executable
  std::vector<std::string> arguments;  ///< without argv[0]
  int progress_fd = -1;  ///< borrowed; the hog has it as progress_number
  std::optional<CommandSpec> command = std::nullopt;  ///< nullopt: the hog
};

/// Descriptor numbers that the child finds its links at.
inline constexpr int gate_number = 3;
inline constexpr int progress_number = 4;

/// How a child ended.
struct ExitStatus {
  std::optional<int> exit_code;
  std::optional<int> signal;
};

/// A process that is created inside a cgroup and dies with this process
/// (parent-death signal). The hog leads a process group of its own (a
/// terminal's Ctrl-C does not reach it), is the first choice of any OOM killer
/// (oom_score_adj 1000), has /dev/null as standard input and one pipe as
/// output; a command is as CommandSpec says. Killed and, unless given up,
/// reaped at the latest with this object.
class Child {
 public:
  /// Starts `spec` inside `group` and returns while it may be on its way: on v2
  /// by clone3(CLONE_INTO_CGROUP), else the child itself writes 0 to `tasks`
  /// (v1) or cgroup.procs (v2 without clone3). Throws cgroupfs::FileError, and
  /// Unavailable where the kernel or a seccomp filter gives it no pidfd.
  static Child spawn(const ChildSpec& spec, const cgroupfs::Cgroup& group);

  /// Waits until the child is in its cgroup and was exec'ed (a command: waits
  /// at its gate), or has died.
  /// Throws RunError or Unavailable that names the step which failed. To be
  /// called once.
  void await_start();

  Child(Child&&) noexcept = default;
  Child& operator=(Child&&) = delete;
  ~Child();

  pid_t pid() const noexcept { return pid_; }
  /// Readable when the child has ended.
  int pidfd() const noexcept { return pidfd_.get(); }
  /// Readable when the child has printed something; nonblocking. -1 for a
  /// command.
  int output_fd() const noexcept { return output_.get(); }
  /// "clone3", "tasks" or "cgroup.procs".
  const std::string& joined_by() const noexcept { return joined_by_; }

  /// Lets the child pass its gate once. A child that is dead is no error.
  void open_gate() const noexcept;
  /// SIGKILL, if it was not reaped yet.
  void kill() const noexcept { send(SIGKILL); }
  /// Signal `number`, if it was not reaped yet. Whether it was delivered: it
  /// may run as another user (EPERM).
  bool send(int number) const noexcept;
  /// errno of the exec that failed; nullopt when it did not, or has yet to
  /// come. For a command that has ended.
  std::optional<int> exec_failure() const noexcept;
  /// Whether it has ended (reaped or not) or does so within `timeout`.
  bool has_ended(std::chrono::milliseconds timeout = {}) const noexcept;
  /// It is not waited for any more, also not with this object: it does not end,
  /// or its end cannot be taken.
  void give_up() noexcept { given_up_ = true; }
  /// Waits until it has ended, at most `timeout`; nullopt when it has not.
  /// Throws cgroupfs::FileError when it cannot be reaped.
  std::optional<ExitStatus> reap(std::chrono::milliseconds timeout);

 private:
  Child() = default;
  static Child spawn_hog(const ChildSpec& spec, const cgroupfs::Cgroup& group);
  static Child spawn_command(const ChildSpec& spec,
                             const cgroupfs::Cgroup& group);
  static Child start(const ChildSpec& spec, ChildPlan plan,
                     const cgroupfs::Cgroup& group);

  pid_t pid_ = -1;
  cgroupfs::UniqueFd pidfd_;
  cgroupfs::UniqueFd gate_;
  cgroupfs::UniqueFd output_;
  cgroupfs::UniqueFd started_;  ///< readable at the gate, exec'ed or dead
  cgroupfs::UniqueFd failure_;  ///< eventfd with a ChildFailure
  std::string joined_by_;
  std::string program_;  ///< for messages
  std::string group_;    ///< for messages
  std::optional<ExitStatus> exit_status_;
  bool given_up_ = false;
};

}  // namespace lab
