// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "cgroupfs/unique_fd.h"
#include "lab/os/timer_fd.h"
#include "lab/run/follower.h"

namespace lab {

/// Sees to it that a command and everything that it has started come to an end:
/// passes signals on, kills what does not heed them, and waits until the cgroup
/// is empty. Borrows everything that it is given; to be made before
/// Follower::start().
class TreeEnd {
 public:
  TreeEnd(const Child& child, const cgroupfs::Cgroup& group, Follower& follower,
          RunRecord& record);
  TreeEnd(const TreeEnd&) = delete;
  TreeEnd& operator=(const TreeEnd&) = delete;

  /// The command has exited or the deadline has passed.
  bool command_ended() const noexcept;
  /// After the reap: follows what it has left behind to its end, and kills it
  /// when a signal or the deadline comes. Throws cgroupfs::FileError.
  void follow_stragglers();
  /// Ends everything inside. Throws cgroupfs::FileError when something lives
  /// on.
  void kill_all(const std::string& because);

 private:
  void on_signal(const Signal& signal);
  void forward(const Signal& signal);
  bool is_repetition() const noexcept;

  const Child& child_;
  const cgroupfs::Cgroup& group_;
  Follower& follower_;
  RunRecord& record_;
  TimerFd grace_;
  cgroupfs::UniqueFd events_;  ///< v2: cgroup.events
  std::optional<std::int64_t> forwarded_ns_;
  bool reaped_ = false;
  bool empty_ = false;
};

}  // namespace lab
