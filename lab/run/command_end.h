// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cgroupfs/cgroup.h"
#include "lab/run/follower.h"

namespace lab {

/// Sees to it that a command and everything that it has started come to an end:
/// passes signals on, kills what does not heed them, and waits until the cgroup
/// is empty. A terminal's signal reaches the command by itself, and interrupts
/// the run where it ends the command; one that was sent to this process alone
/// is passed on. After a grace period, at a second signal, when the command has
/// left only others behind, and at the deadline, everything inside is killed. A
/// signal whose meaning is the user's is only passed on.
/// Borrows everything that it is given.
class CommandEnd {
 public:
  CommandEnd(RunProcess& command, const RunCgroups& cgroups, Follower& follower,
             RunRecord& record);
  CommandEnd(const CommandEnd&) = delete;
  CommandEnd& operator=(const CommandEnd&) = delete;

  /// The command has exited or the deadline has passed.
  bool command_ended() const noexcept;
  /// Reaps the command, after killing everything when the deadline has passed.
  void reap();
  /// After that: follows what it has left behind to its end, and kills it when
  /// a signal or the deadline comes. Throws cgroupfs::FileError.
  void follow_stragglers();

 private:
  void kill_all(const std::string& because);
  void note_common_signal();
  void on_signal(const Signal& signal);
  bool pass_on(int number);
  bool is_repetition(int number) const noexcept;

  RunProcess& command_;
  const RunCgroups& cgroups_;
  Follower& follower_;
  RunRecord& record_;
  TimerFd grace_;
  TimerFd looks_;              ///< v1
  cgroupfs::UniqueFd events_;  ///< v2: cgroup.events
  TimerFd waiting_;            ///< before the observer is told
  std::optional<std::int64_t> forwarded_ns_;
  std::optional<int> terminal_signal_;  ///< the last that the kernel has sent
  bool killed_ = false;
  bool empty_ = false;
};

}  // namespace lab
