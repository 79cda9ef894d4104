// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/event_control.h"
#include "cgroupfs/pressure.h"
#include "lab/os/poll_loop.h"
#include "lab/os/timer_fd.h"
#include "lab/run/actor.h"
#include "lab/run/kmsg.h"
#include "lab/run/readings.h"
#include "lab/run/runner.h"
#include "lab/run/scenario.h"
#include "lab/run/stage_groups.h"
#include "lab/run/stat_sampler.h"

namespace lab {

/// A run of a scenario under way, written into its record. Its members go in
/// reverse order: the actors before their groups.
class Stage {
 public:
  /// Makes the outer cgroup alone. Throws as make_run_group().
  Stage(const Scenario& scenario, RunRecord& record, const Placement& placement,
        const SignalFd& signals, Observer& observer);

  /// Makes the groups and carries out the steps. Throws as StageGroups and
  /// Actor do, and cgroupfs::NotSupported for what this kernel lacks.
  void perform();
  /// Ends who lives and completes the record.
  void finish();
  /// Ends what there is and removes the groups. Throws cgroupfs::FileError.
  void remove();
  const std::string& top_path() const noexcept { return groups_.top_path(); }

 private:
  void begin();
  void make_groups();
  void require_cgroup_kill() const;
  void make_actors();
  void watch_sources();
  void do_step(const Step& step);
  void start(Actor& actor);
  void write(const Step& step);
  void reclaim(const Step& step);
  void move(const Step& step);
  void kill(const Step& step);
  void release_file(const Step& step);
  void go_on(const Step& step);
  void watch_usage(const Step& step);
  void watch_pressure(const Step& step);
  void await_value(const Step& step);
  void await_end(const Step& step);
  void predict(const Step& step);
  void wait(const std::function<bool()>& reached);
  void rest(std::chrono::milliseconds time);
  void sample();
  void on_end_of(Actor& actor);
  void on_signal();
  void on_deadline();
  void note(EventKind kind, std::string subject, std::string source);
  void note_limit(const LimitRecord& limit);
  void reap_ended();
  void mark(const std::string& name);
  void end_actors();
  void fill_processes();
  void read_victims();
  void make_times_relative();
  bool stopped() const noexcept {
    return record_.evidence.deadline_passed || record_.evidence.interrupted_by;
  }
  Actor& actor(const std::string& name);
  bool any_started() const;
  bool all_ended() const;

  const Scenario& scenario_;
  RunRecord& record_;
  const Placement& placement_;
  const SignalFd& signals_;
  Observer& observer_;
  StageGroups groups_;
  std::deque<Actor> actors_;
  Samples samples_;
  StatSampler stat_;
  /// What the stage itself knows of a group or actor, for its readings.
  std::map<std::string, Numbers> known_;
  std::vector<cgroupfs::UniqueFd> usage_watches_;
  std::deque<cgroupfs::PressureWatch> pressure_watches_;
  std::optional<KernelLog> log_;
  TimerFd deadline_;
  TimerFd sampling_;
  TimerFd waking_;  ///< conditions are looked at again, however long --poll is
  PollLoop loop_;
  std::int64_t zero_ns_ = 0;
};

}  // namespace lab
