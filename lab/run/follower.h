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

/// Watches the cgroups and processes of a run in one poll loop and writes what
/// it sees into a record: samples, notifications, kills, ends, output, signals,
/// the deadline, the ledger of processes. Where no claims are made the verdict
/// is on the first process: then it also registers for OOM notifications, and
/// reads the ancestors' limits. Borrows everything that it is given.
class Follower {
 public:
  using Handler = std::function<void(const Signal&)>;

  Follower(RunRecord& record, RunCgroups& cgroups,
           std::deque<RunProcess>& processes, const SignalFd& signals,
           Observer& observer);

  /// Reads what the verdict compares with: counters, the ancestors' limits, the
  /// end of the kernel's log. Before the first process is started: a limit
  /// above may kill that before it gets to its gate. Throws
  /// cgroupfs::FileError.
  void prepare(const Placement& placement, Detail detail);
  /// Follows `process`, which was started. The first time it begins to sample
  /// and to count towards the deadline: this moment is the zero of the record's
  /// times. Throws cgroupfs::FileError.
  void watch(RunProcess& process);
  /// Calls `callback` besides the own ones, as PollLoop::watch().
  void watch(int fd, short events, PollLoop::Callback callback) {
    loop_.watch(fd, events, std::move(callback));
  }
  void unwatch(int fd) { loop_.unwatch(fd); }
  /// Calls `handle` for each signal instead of ending the run.
  void handle_signals(Handler handle) { handle_signal_ = std::move(handle); }

  /// A signal or the deadline has ended the run.
  bool stopped() const noexcept;
  /// Follows until `reached()` is true, which a watched descriptor brings
  /// about, or the run is stopped.
  void wait(const std::function<bool()>& reached);
  /// The same for what no descriptor tells of.
  void wait_polling(const std::function<bool()>& reached);
  /// Follows until `reached()` is true, stopped or not.
  void follow_until(const std::function<bool()>& reached) {
    loop_.run_until(reached);
  }

  /// Reaps what has ended.
  void reap_ended();
  /// Kills `process`, if it lives, and reaps it. One that does not end, or
  /// whose end cannot be taken, is in the record.
  void end(RunProcess& process);
  /// Kills what is in the first cgroup and in that of the pids limit, as
  /// kill_all(); what does not end is in the record.
  void kill_inside();
  /// Whether a cgroup of the run is gone, which explains `error`; it is noted
  /// then.
  bool is_by_removal(const cgroupfs::FileError& error);
  /// Notes processes that could not be ended.
  void note_held(std::vector<HeldProcess> held);
  /// Calls what handles signals for those that have come and were not handled.
  void take_signals();
  /// Before a run that has not ended by itself is ended: what is gone then.
  void note_before_end();
  /// Whether no signal but SIGKILL, or none at all, reaches `process`.
  bool is_frozen(const RunProcess& process) const;
  /// Tells the observer that the run waits for `traced`, or for what the
  /// command has left behind.
  void tell_waiting(std::optional<HeldProcess> traced);
  /// Notes which processes are inside now.
  void read_ledger();
  /// Reads everything of every cgroup and process under the name `mark`.
  void mark(const std::string& name);
  /// What the engine itself knows of a cgroup or process, for its readings.
  Numbers& known(const std::string& subject) { return known_[subject]; }
  /// The sum so far, with times of CLOCK_MONOTONIC.
  const Samples& samples() const noexcept { return sampler_->samples(); }
  std::int64_t zero_ns() const noexcept { return zero_ns_; }
  void sample();

  /// After every reap: takes what is still pending, the last sample, the
  /// counters and the kernel's log, and makes the record's times relative.
  void finish();
  /// Notes an event that happens now.
  void note(EventKind kind, std::string subject, std::string source);

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
  /// How much of the log there was when the main process had been reaped.
  std::optional<std::size_t> log_at_end_;
  std::optional<Sampler> sampler_;
  std::map<std::string, Numbers> known_;
  std::optional<Placement> placement_;
  TimerFd deadline_;
  TimerFd looks_;
  TimerFd reaps_;
  std::set<std::string> exits_;  ///< processes whose end was noted
  PollLoop loop_;
  Handler handle_signal_;
  std::int64_t zero_ns_ = 0;
  std::chrono::system_clock::time_point started_;
  /// When the main process was seen to have ended, and could not be reaped.
  std::optional<std::int64_t> unreaped_ns_;
  bool tracer_told_ = false;
  int looks_left_ = 0;
  bool samples_ = true;
  bool notified_ = false;
  bool kill_seen_ = false;
};

}  // namespace lab
