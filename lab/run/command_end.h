// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cgroupfs/cgroup.h"
#include "lab/run/follower.h"

namespace lab {

/// Makes sure that a command and all processes that it has started end:
/// forwards signals, kills processes that ignore them, and waits until the
/// cgroup is empty. A signal from the terminal reaches the command by itself,
/// and interrupts the run where it ends the command; one that was sent only to
/// this process is forwarded. After a grace period, at a second signal, when
/// only processes left by the command remain, and at the deadline, everything
/// inside is killed. A signal whose meaning is defined by the user is only
/// forwarded. Borrows all arguments.
class CommandEnd {
 public:
  CommandEnd(RunProcess& command, const RunCgroups& cgroups, Follower& follower,
             RunRecord& record);
  CommandEnd(const CommandEnd&) = delete;
  CommandEnd& operator=(const CommandEnd&) = delete;

  /// The command has exited or the deadline has passed.
  bool command_ended() const noexcept;
  /// Reaps the command; after the deadline kills everything first.
  void reap();
  /// Afterwards: follows the processes that it left until they end, and kills
  /// them at a signal or the deadline. Throws cgroupfs::FileError.
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
  TimerFd waiting_;            ///< before the observer is notified
  std::optional<std::int64_t> forwarded_ns_;
  std::optional<int>
      terminal_signal_;  ///< the last one that the kernel has sent
  bool killed_ = false;
  bool empty_ = false;
};

}  // namespace lab
