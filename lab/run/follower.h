// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cgroupfs/error.h"
#include "cgroupfs/oom_watch.h"
#include "lab/os/poll_loop.h"
#include "lab/os/signal_fd.h"
#include "lab/os/timer_fd.h"
#include "lab/run/ancestors.h"
#include "lab/run/detail.h"
#include "lab/run/kmsg.h"
#include "lab/run/ledger.h"
#include "lab/run/observer.h"
#include "lab/run/readings.h"
#include "lab/run/run_cgroups.h"
#include "lab/run/run_process.h"
#include "lab/run/sampler.h"

namespace lab {

/// Watches the cgroups and processes of a run in one poll loop and records
/// samples, notifications, kills, ends, output, signals, the deadline and the
/// ledger of processes. Without claims the verdict is on the first process:
/// then it also registers for OOM notifications, and reads the ancestors'
/// limits. Borrows all arguments.
class Follower {
 public:
  using Handler = std::function<void(const Signal&)>;

  Follower(RunRecord& record, RunCgroups& cgroups,
           std::deque<RunProcess>& processes, const SignalFd& signals,
           Observer& observer);

  /// Reads the baseline of the verdict: counters, the ancestors' limits, the
  /// end of the kernel log. Called before the first process is started, because
  /// an ancestor's limit may kill that before it reaches its gate. Throws
  /// cgroupfs::FileError.
  void prepare(const Placement& placement, Detail detail);
  /// Follows `process`, which was started. The first call starts sampling and
  /// the deadline: this moment is the zero of the record's times. Throws
  /// cgroupfs::FileError.
  void watch(RunProcess& process);
  /// Adds `callback`, as PollLoop::watch().
  void watch(int fd, short events, PollLoop::Callback callback) {
    loop_.watch(fd, events, std::move(callback));
  }
  void unwatch(int fd) { loop_.unwatch(fd); }
  /// Calls `handle` for each signal instead of ending the run.
  void handle_signals(Handler handle) { handle_signal_ = std::move(handle); }

  /// Whether a signal or the deadline has ended the run.
  bool stopped() const noexcept;
  /// Follows until `reached()` is true, as the effect of a watched descriptor,
  /// or the run is stopped.
  void wait(const std::function<bool()>& reached);
  /// The same for conditions that no descriptor signals.
  void wait_polling(const std::function<bool()>& reached);
  /// Follows until `reached()` is true, stopped or not.
  void follow_until(const std::function<bool()>& reached) {
    loop_.run_until(reached);
  }

  /// Reaps processes that have ended.
  void reap_ended();
  /// Kills `process`, if it is alive, and reaps it. Records a process that does
  /// not end or cannot be reaped.
  void end(RunProcess& process);
  /// Kills the processes in the first cgroup and in that of the pids limit, as
  /// kill_all(); records those that do not end.
  void kill_inside();
  /// Whether a cgroup of the run is gone, which explains `error`; records that.
  bool is_by_removal(const cgroupfs::FileError& error);
  /// Records processes that could not be killed.
  void note_held(std::vector<HeldProcess> held);
  /// Calls the signal handler for pending signals.
  void take_signals();
  /// Reads values that are lost when a run that has not ended by itself is
  /// ended.
  void note_before_end();
  /// Whether only SIGKILL, or no signal at all, reaches `process`.
  bool is_frozen(const RunProcess& process) const;
  /// Notifies the observer that the run waits for `traced`, or for processes
  /// that the command left.
  void notify_waiting(std::optional<HeldProcess> traced);
  /// Records which processes are inside now.
  void read_ledger();
  /// Reads all values of every cgroup and process, under the name `mark`.
  void mark(const std::string& name);
  /// Numbers of a cgroup or process that the engine itself knows, for its
  /// readings.
  Numbers& known(const std::string& subject) { return known_[subject]; }
  /// The totals so far, with times of CLOCK_MONOTONIC.
  const Samples& samples() const noexcept { return sampler_->samples(); }
  std::int64_t zero_ns() const noexcept { return zero_ns_; }
  void sample();

  /// After every reap: reads pending events, the last sample, the counters and
  /// the kernel log, and makes the record's times relative.
  void finish();
  /// Records an event that happens now.
  void note(EventKind kind, std::string subject, std::string source,
            std::optional<Fact> detail = std::nullopt);

 private:
  bool judges_process() const noexcept {
    return !makes_claims(record_.plan.procedure);
  }
  RunProcess& first() { return processes_.front(); }
  void begin();
  void on_end_of(RunProcess& process);
  void note_exit(RunProcess& process);
  void note_reaped(RunProcess& process);
  void note_end(RunProcess& process);
  void on_look();
  void on_notification();
  void note_notifications(std::uint64_t count);
  void on_sample();
  void on_signal();
  void on_deadline();
  bool take_output(RunProcess& process);
  void look_for_kill(const std::string& source);
  Counters read_all_counters() const;
  void read_limits_at_end();
  void read_victims();
  void read_descendants();
  void make_times_relative();
  void give_up(RunProcess& process);
  void look_for_tracer();
  void note_one_held(HeldProcess held);
  bool is_held(pid_t pid) const;
  template <typename Read>
  void unless_removed(const Read& read);
  void require_removal(const cgroupfs::FileError& error);
  bool is_removed() const;
  void note_removal();
  std::optional<std::uint64_t> count_kills();
  void read_shared_memory();

  RunRecord& record_;
  RunCgroups& cgroups_;
  std::deque<RunProcess>& processes_;
  const SignalFd& signals_;
  Observer& observer_;
  std::optional<LedgerKeeper> ledger_;
  std::optional<Ancestors> ancestors_;
  std::optional<cgroupfs::OomWatch> watch_;
  std::optional<KernelLog> log_;
  std::optional<KernelName> name_;  ///< of the top cgroup
  /// The size of the log when the main process had been reaped.
  std::optional<std::size_t> log_at_end_;
  std::optional<Sampler> sampler_;
  std::map<std::string, Numbers> known_;
  std::optional<Placement> placement_;
  TimerFd deadline_;
  TimerFd looks_;
  TimerFd reaps_;
  std::set<std::string> exits_;  ///< processes whose end was recorded
  PollLoop loop_;
  Handler handle_signal_;
  std::int64_t zero_ns_ = 0;
  std::chrono::system_clock::time_point started_;
  /// When the main process was found to have ended, but could not be reaped.
  std::optional<std::int64_t> unreaped_ns_;
  bool tracer_reported_ = false;
  int looks_left_ = 0;
  bool samples_ = true;
  bool notified_ = false;
  bool kill_seen_ = false;
};

}  // namespace lab
