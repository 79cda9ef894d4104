// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/memory.h"
#include "cgroupfs/oom_watch.h"
#include "lab/os/child.h"
#include "lab/os/poll_loop.h"
#include "lab/os/progress.h"
#include "lab/os/signal_fd.h"
#include "lab/os/timer_fd.h"
#include "lab/record/record.h"
#include "lab/run/kmsg.h"
#include "lab/run/membership.h"
#include "lab/run/run_groups.h"
#include "lab/run/runner.h"
#include "lab/run/sampler.h"

namespace lab {

/// Watches one child and its cgroup in a poll loop and writes what it sees into
/// a record: samples, notifications, the kill, the exit, output, signals, the
/// deadline. Borrows everything that it is given.
class Follower {
 public:
  /// Follows the target of `groups`; kills are counted, and members read, of
  /// the top, which holds the child wherever it is. `progress` is nullptr for a
  /// command, which shares none.
  Follower(RunRecord& record, const RunGroups& groups, const Progress* progress,
           const SignalFd& signals, Observer& observer);

  /// Registers for OOM notifications where the kernel offers them and notes the
  /// counters and the end of the kernel's log. To be called before the child is
  /// started. Throws cgroupfs::FileError.
  void prepare();
  /// Begins to sample `child` and to count towards the deadline. This moment is
  /// the zero of the record's times. Throws cgroupfs::FileError.
  void start(const Child& child);
  /// Calls `handle` for each signal instead of ending the run. Before start().
  void handle_signals(std::function<void(const Signal&)> handle) {
    handle_signal_ = std::move(handle);
  }
  /// Calls `callback` besides the own ones, as PollLoop::watch().
  void watch(int fd, short events, PollLoop::Callback callback) {
    loop_.watch(fd, events, std::move(callback));
  }
  /// Follows until `reached()` is true, whatever else has ended.
  void follow_on_until(const std::function<bool()>& reached) {
    loop_.run_until(reached);
  }
  /// Follows until the run has ended or `reached()` is true.
  void follow_until(const std::function<bool()>& reached);
  /// The child has exited, the deadline has passed or a signal has come.
  bool ended() const noexcept;
  bool child_exited() const noexcept { return exited_; }
  /// Notes which processes are inside now.
  void read_members() { members_.read(*child_); }
  /// After the reap: takes what is still pending, the last sample and the
  /// counters, and makes the record's times relative.
  void finish();
  /// What the kernel has logged since prepare().
  KernelLog& kernel_log() { return *log_; }
  /// Notes an event that happens now.
  void add_event(EventKind kind, std::string source);

 private:
  void watch_all();
  void on_exit();
  void on_notification();
  void note_notification();
  void on_sample();
  void sample();
  void on_signal();
  void interrupt(const Signal& signal);
  void on_deadline();
  void on_output();
  bool read_output();
  void look_for_kill(const std::string& source);
  Counters read_all_counters() const;
  void make_times_relative();

  RunRecord& record_;
  const RunGroups& groups_;
  MemberReader members_;
  const Progress* progress_;
  const SignalFd& signals_;
  Observer& observer_;
  const Child* child_ = nullptr;
  std::optional<cgroupfs::OomWatch> watch_;
  std::optional<KernelLog> log_;
  std::optional<Sampler> sampler_;
  TimerFd deadline_;
  PollLoop loop_;
  std::function<void(const Signal&)> handle_signal_ =
      [this](const Signal& signal) { interrupt(signal); };
  std::int64_t zero_ns_ = 0;
  bool exited_ = false;
  bool notified_ = false;
  bool kill_seen_ = false;
};

}  // namespace lab
