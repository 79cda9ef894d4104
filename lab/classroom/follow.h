// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "lab/classroom/grade.h"
#include "lab/os/signal_fd.h"

namespace lab {

/// Is notified of what a student does, as the kernel shows it.
class FollowObserver {
 public:
  virtual ~FollowObserver() = default;
  /// It has begun; `grade` is what is done already.
  virtual void on_start(const Grade& grade) = 0;
  /// A check passes from now on.
  virtual void on_step(const CheckResult& result) = 0;
  /// A check that passed passes no longer.
  virtual void on_lost(const CheckResult& result) = 0;
  /// The first check that does not pass, which is another than before;
  /// `commands` make it pass.
  virtual void on_next(const CheckResult& result,
                       const std::vector<std::string>& commands) = 0;
  /// `file` was written, and nothing came of it.
  virtual void on_refused(const std::string& file) = 0;
  /// A mistake has left its fingerprint. Each is told once.
  virtual void on_hint(const Hint& hint) = 0;
  /// The usage now, at every look.
  virtual void on_usage(const GroupEvidence& group) = 0;
  /// The cgroup was removed before all was done, or a better one of that name
  /// was made: it starts over.
  virtual void on_restart() = 0;
  virtual void on_end() = 0;
};

/// How a follow ended.
struct FollowEnd {
  Grade grade;  ///< of the last look
  std::optional<int> signal;
  bool timed_out = false;
};

/// Follows the exercise until all of `plan` is done, a signal comes or
/// `timeout` is over. It looks twenty times a second, and at once when
/// inotify(7) reports a write to a file of the cgroup: a write that changed
/// nothing was refused, which no file shows afterwards. What it sees, such as
/// the limit at a kill, is evidence for the grade; a check that passed once
/// does not pass for that alone. Changes nothing. Throws as read_evidence().
FollowEnd follow(const GradingPlan& plan, std::optional<nanoseconds> timeout,
                 const SignalFd& signals, FollowObserver& observer);

}  // namespace lab
