// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "lab/classroom/grade.h"
#include "lab/os/signal_fd.h"

namespace lab {

/// Is notified of a student's steps, as the kernel shows them.
class FollowObserver {
 public:
  virtual ~FollowObserver() = default;
  /// It has started; `grade` has the steps done so far.
  virtual void on_start(const Grade& grade) = 0;
  /// A check passes from now on.
  virtual void on_step(const CheckResult& result) = 0;
  /// A check that passed no longer passes.
  virtual void on_lost(const CheckResult& result) = 0;
  /// The first check that does not pass, if it has changed;
  /// `commands` make it pass.
  virtual void on_next(const CheckResult& result,
                       const std::vector<std::string>& commands) = 0;
  /// `file` was written without effect.
  virtual void on_refused(const std::string& file) = 0;
  /// The evidence shows a mistake. Each hint is reported once.
  virtual void on_hint(const Hint& hint) = 0;
  /// The usage now, at every look.
  virtual void on_usage(const GroupEvidence& group) = 0;
  /// The cgroup was removed before all checks passed, or a better one of that
  /// name was created: it starts over.
  virtual void on_restart() = 0;
  virtual void on_end() = 0;
};

/// How a follow ended.
struct FollowEnd {
  Grade grade;  ///< of the last look
  std::optional<int> signal;
  bool timed_out = false;
};

/// Follows the exercise until all checks of `plan` pass, a signal arrives or
/// `timeout` has passed. It looks twenty times a second, and at once when
/// inotify(7) reports a write to a file of the cgroup: a write without effect
/// was refused, which no file shows afterwards. Its observations, such as the
/// limit at a kill, are evidence for the grade; that a check passed before does
/// not make it pass. Changes nothing. Throws as read_evidence().
FollowEnd follow(const GradingPlan& plan, std::optional<nanoseconds> timeout,
                 const SignalFd& signals, FollowObserver& observer);

}  // namespace lab
