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

/// For a child that is a command of the user: it waits at its gate before exec,
/// is searched on PATH, and inherits what this process was started with:
/// standard streams, process group (a terminal's Ctrl-C reaches it), signals.
struct CommandSpec {
  std::vector<std::string>
      environment;  ///< "NAME=VALUE", added to the inherited
};

/// The program to start.
struct ChildSpec {
  std::string program;                 ///< executable
  std::vector<std::string> arguments;  ///< without argv[0]
  int progress_fd = -1;                ///< borrowed; progress_number in the hog
  std::optional<CommandSpec> command = std::nullopt;  ///< nullopt: the hog
};

/// Descriptor numbers of the links in the child.
inline constexpr int gate_number = 3;
inline constexpr int progress_number = 4;

/// How a child ended.
struct ExitStatus {
  std::optional<int> exit_code;
  std::optional<int> signal;
};

/// A process that is created inside a cgroup and dies with this process
/// (parent-death signal). The hog leads a separate process group (a terminal's
/// Ctrl-C does not reach it), is the preferred victim of the OOM killer
/// (oom_score_adj 1000), has /dev/null as standard input and one pipe as
/// output; for a command see CommandSpec. Killed and, unless given up, reaped
/// when this object is destroyed.
class Child {
 public:
  /// Starts `spec` inside `group` and may return before it has started: on v2
  /// with clone3(CLONE_INTO_CGROUP), otherwise the child itself writes 0 to
  /// `tasks` (v1) or cgroup.procs (v2 without clone3). Throws
  /// cgroupfs::FileError, and Unavailable where the kernel or a seccomp filter
  /// refuses a pidfd for it.
  static Child spawn(const ChildSpec& spec, const cgroupfs::Cgroup& group);

  /// Waits until the child is in its cgroup and was exec'ed (a command: waits
  /// at its gate), or has died. Throws RunError or Unavailable that names the
  /// failed step. To be called once.
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

  /// Lets the child pass its gate once. A child that has ended is not an error.
  void open_gate() const noexcept;
  /// SIGKILL, if it was not reaped yet.
  void kill() const noexcept { send(SIGKILL); }
  /// Signal `number`, if it was not reaped yet. Returns whether it was
  /// delivered: the child may run as another user (EPERM).
  bool send(int number) const noexcept;
  /// errno of a failed exec; nullopt when it succeeded or is still to come. For
  /// a command that has ended.
  std::optional<int> exec_failure() const noexcept;
  /// Whether it has ended (reaped or not) or does so within `timeout`.
  bool has_ended(std::chrono::milliseconds timeout = {}) const noexcept;
  /// It is no longer waited for, not even by the destructor: it does not end,
  /// or cannot be reaped.
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
