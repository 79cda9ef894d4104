// SPDX-License-Identifier: MIT
#include "lab/runner.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <optional>
#include <utility>

#include "cgroupfs/error.h"
#include "cgroupfs/oom_watch.h"
#include "lab/apply_limits.h"
#include "lab/child.h"
#include "lab/counters.h"
#include "lab/errors.h"
#include "lab/kmsg.h"
#include "lab/orphans.h"
#include "lab/poll_loop.h"
#include "lab/progress.h"
#include "lab/run_groups.h"
#include "lab/sampler.h"
#include "lab/timer_fd.h"

namespace lab {
namespace {

/// How long a killed child may take to end: freeing much memory takes time.
constexpr std::chrono::seconds reap_patience(30);
/// How much of the child's output is kept.
constexpr std::size_t most_output = 16 * kibi;

std::string signal_name(int number) {
  const char* const name = ::sigabbrev_np(number);
  return name ? fmt::format("SIG{}", name) : fmt::format("signal {}", number);
}

/// What the hog is told to do.
std::vector<std::string> hog_arguments(const Plan& plan) {
  std::vector<std::string> arguments{"--quiet",
                                     "--total",
                                     std::to_string(plan.total.count),
                                     "--block",
                                     std::to_string(plan.block.count),
                                     "--ramp",
                                     time_argument(plan.total_ramp()),
                                     "--gate-fd",
                                     std::to_string(gate_number),
                                     "--progress-fd",
                                     std::to_string(progress_number)};
  if (plan.order == Order::course) {
    for (const std::uint64_t blocks : {1, 2}) {
      arguments.push_back("--gate-at");
      arguments.push_back(std::to_string(blocks * plan.block.count));
    }
  }
  return arguments;
}

/// The kernel's messages name cgroups from the hierarchy's root, which this
/// process may not see: the tail below the run's parent is enough.
std::string tail_below(const std::string& path, const std::string& parent) {
  return path.substr(parent.size());
}

/// One run under way. Its members go in reverse order: the child before its
/// groups.
class Run {
 public:
  Run(const Plan& plan, const Placement& placement,
      const Environment& environment, const SignalFd& signals,
      Observer& observer)
      : plan_(plan),
        placement_(placement),
        signals_(signals),
        observer_(observer),
        groups_(make_groups(environment)) {}

  /// All steps up to, but not including, teardown.
  void execute();
  /// Teardown; never throws for what is left behind, the record says it.
  RunRecord finish();

  RunGroups& groups() { return groups_; }

 private:
  RunGroups make_groups(const Environment& environment);
  void prepare();
  void start_child();
  void verify_membership() const;
  void run_limit_first();
  void run_course();
  bool move_child_inside();
  bool set_limits();
  void open_gate();

  void watch_all();
  void on_exit();
  void on_notification();
  void on_sample();
  void on_signal();
  void on_deadline();
  void on_output();
  bool ended() const;
  void follow_until(const std::function<bool()>& reached);

  void end_child();
  void read_final_state();
  void read_child();
  void read_victim();
  void look_for_kill(const std::string& source);
  void add_event(EventKind kind, std::string source);
  void make_times_relative();

  const Plan& plan_;
  const Placement& placement_;
  const SignalFd& signals_;
  Observer& observer_;
  RunRecord record_;
  RunGroups groups_;
  KernelLog log_;
  Progress progress_;
  std::optional<cgroupfs::OomWatch> watch_;
  std::optional<Sampler> sampler_;
  TimerFd deadline_;
  std::optional<Child> child_;
  PollLoop loop_;
  std::optional<std::int64_t> gate_opened_;
  bool exited_ = false;
  bool notified_ = false;
  bool kill_seen_ = false;
};

RunGroups Run::make_groups(const Environment& environment) {
  record_.environment = environment;
  record_.plan = plan_;
  record_.strategy = placement_.strategy;
  const auto parent = cgroupfs::Directory::open(placement_.parent);
  for (const Orphan& orphan :
       handle_orphans_in(parent, placement_.version, OrphanAction::remove)) {
    if (orphan.error.empty()) {
      record_.cleanup.orphans_removed.push_back(orphan.path);
    }
  }
  RunGroups groups = RunGroups::create(plan_, placement_);
  record_.group = groups.target().path();
  return groups;
}

void Run::execute() {
  prepare();
  if (plan_.order == Order::course) {
    run_course();
  } else {
    run_limit_first();
  }
  end_child();
  read_final_state();
}

void Run::prepare() {
  add_event(EventKind::group_created, "mkdir");
  try {
    watch_ = cgroupfs::OomWatch::open(groups_.target());
  } catch (const cgroupfs::NotSupported&) {
    // No early notice on this kernel: samples and the exit tell of the kill.
  }
  record_.before = read_counters(groups_.memory());
  record_.ancestors =
      read_ancestors(groups_.target().path().substr(
                         0, groups_.target().path().find_last_of('/')),
                     placement_.hierarchy.mount_point, placement_.version);
  observer_.on_start(record_);
}

void Run::run_limit_first() {
  if (!set_limits()) {
    throw RunError(fmt::format(
        "the limit of {} is not in force: asked {}, the kernel has {} ({})",
        record_.group, plan_.limit.count,
        record_.limits.front().actual
            ? to_string(*record_.limits.front().actual)
            : "none",
        record_.limits.front().error.value_or("no error")));
  }
  start_child();
  open_gate();
  follow_until([] { return false; });
}

void Run::run_course() {
  start_child();
  open_gate();
  follow_until([this] { return progress_.touched() >= plan_.block; });
  if (!move_child_inside()) return;
  child_->open_gate();
  follow_until(
      [this] { return progress_.touched().count >= 2 * plan_.block.count; });
  if (ended()) return;
  record_.course->usage_before_limit = groups_.memory().usage();
  record_.course->limit_before = groups_.memory().max();
  if (!set_limits()) return;
  child_->open_gate();
  follow_until([] { return false; });
}

bool Run::move_child_inside() {
  if (ended()) return false;
  const auto outside = cgroupfs::open_memory(groups_.birthplace());
  groups_.target().add(child_->pid());
  add_event(EventKind::child_moved, "cgroup.procs");
  record_.course = CourseRecord{progress_.touched(), groups_.memory().usage(),
                                outside->usage(), std::nullopt, std::nullopt};
  return true;
}

bool Run::set_limits() {
  record_.limits.push_back(set_hard_limit(groups_.memory(), plan_.limit));
  const LimitRecord hard = record_.limits.back();
  const bool in_force = is_in_force(hard, plan_.limit);
  add_event(in_force ? EventKind::limit_set : EventKind::limit_refused,
            hard.file);
  if (!in_force) return false;
  const auto swap =
      set_swap_limit(groups_.memory(), plan_, record_.environment);
  if (swap) record_.limits.push_back(*swap);
  const bool host_swaps =
      record_.environment.swap_total.value_or(Bytes{0}).count > 0;
  if (swap && swap->error && host_swaps) {
    throw RunError(fmt::format(
        "swap cannot be limited, so the hog would be swapped out instead of "
        "killed: {}: {}; accept that with --swap max",
        swap->file, *swap->error));
  }
  return true;
}

void Run::start_child() {
  const ChildSpec spec{find_program("malloc_demo"), hog_arguments(plan_),
                       progress_.fd()};
  child_.emplace(Child::spawn(spec, groups_.birthplace()));
  record_.child.pid = child_->pid();
  record_.child.joined_by = child_->joined_by();
  add_event(EventKind::child_started, child_->joined_by());
  verify_membership();
}

/// A child that died on its way to exec is in no cgroup any more: its exit
/// status tells of it later.
void Run::verify_membership() const {
  const auto path = cgroupfs::membership_path(
      child_->pid(),
      placement_.version == cgroupfs::Version::v1 ? "memory" : "");
  const std::string tail =
      tail_below(groups_.birthplace().path(), placement_.parent);
  if (!path || path->ends_with(tail) || child_->has_ended()) return;
  throw RunError(fmt::format(
      "the child (pid {}) is in cgroup {} instead of {}; it was not let go",
      child_->pid(), *path, tail));
}

void Run::open_gate() {
  sampler_.emplace(groups_.memory(), progress_, plan_.poll);
  watch_all();
  deadline_.once(plan_.timeout);
  add_event(EventKind::gate_opened, "pipe");
  gate_opened_ = record_.events.back().time_ns;
  sampler_->sample();
  child_->open_gate();
}

void Run::watch_all() {
  loop_.watch(child_->pidfd(), POLLIN, [this] { on_exit(); });
  loop_.watch(signals_.fd(), POLLIN, [this] { on_signal(); });
  loop_.watch(deadline_.fd(), POLLIN, [this] { on_deadline(); });
  loop_.watch(child_->output_fd(), POLLIN, [this] { on_output(); });
  loop_.watch(sampler_->fd(), POLLIN, [this] { on_sample(); });
  if (watch_) {
    loop_.watch(watch_->fd(), watch_->poll_events(),
                [this] { on_notification(); });
  }
}

void Run::on_exit() {
  exited_ = true;
  loop_.unwatch(child_->pidfd());
  add_event(EventKind::child_exited, "pidfd");
}

void Run::on_notification() {
  if (!watch_->drain()) return;
  if (!notified_) {
    add_event(EventKind::notification,
              std::string(to_string(watch_->mechanism())));
  }
  notified_ = true;
  look_for_kill(std::string(to_string(watch_->mechanism())));
}

void Run::on_sample() {
  sampler_->sample();
  observer_.on_sample(sampler_->samples());
  if (notified_) look_for_kill("sample");
}

void Run::on_signal() {
  const std::optional<int> number = signals_.take();
  if (!number) return;
  record_.interrupted_by = number;
  add_event(EventKind::interrupted, signal_name(*number));
}

void Run::on_deadline() {
  deadline_.drain();
  record_.deadline_passed = true;
  add_event(EventKind::deadline, "timerfd");
}

void Run::on_output() {
  std::array<char, 4096> buffer;
  const ssize_t count =
      ::read(child_->output_fd(), buffer.data(), buffer.size());
  if (count > 0) {
    const std::string_view text(buffer.data(), static_cast<std::size_t>(count));
    std::string& kept = record_.child.output.append(text);
    if (kept.size() > most_output) kept.erase(0, kept.size() - most_output);
    observer_.on_output(text);
  } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
    loop_.unwatch(child_->output_fd());
  }
}

bool Run::ended() const {
  return exited_ || record_.deadline_passed || record_.interrupted_by;
}

void Run::follow_until(const std::function<bool()>& reached) {
  loop_.run_until([&] { return ended() || reached(); });
}

void Run::end_child() {
  if (!exited_) child_->kill();
  if (!child_->reap(reap_patience)) {
    throw RunError(
        fmt::format("the child (pid {}) did not end within {} s "
                    "after SIGKILL",
                    child_->pid(), reap_patience.count()));
  }
  on_output();
  observer_.on_end();
}

void Run::read_final_state() {
  if (watch_ && watch_->drain()) notified_ = true;
  sampler_->sample();
  record_.after = read_counters(groups_.memory());
  look_for_kill("child_exited");
  update_ancestors(record_.ancestors, placement_.version);
  record_.peak = read_peak(groups_.memory());
  read_child();
  read_victim();
  record_.samples = sampler_->take();
  make_times_relative();
}

void Run::read_child() {
  record_.child.exit_code = child_->exit_status()->exit_code;
  record_.child.signal = child_->exit_status()->signal;
  record_.child.touched = progress_.touched();
  record_.child.last_touch_ns = progress_.last_touch();
}

void Run::read_victim() {
  if (!log_.readable()) {
    record_.victim_absent_because = log_.absent_because();
    return;
  }
  record_.victim =
      parse_victim(log_.read_new(),
                   tail_below(record_.group, placement_.parent), child_->pid());
  if (!record_.victim) {
    record_.victim_absent_because = "/dev/kmsg has no record of a kill here";
  }
}

void Run::look_for_kill(const std::string& source) {
  if (kill_seen_ || !record_.before.oom_kills) return;
  const auto kills = read_oom_kills(groups_.memory());
  if (!kills || *kills <= *record_.before.oom_kills) return;
  kill_seen_ = true;
  add_event(EventKind::kill_seen, source);
}

void Run::add_event(EventKind kind, std::string source) {
  record_.events.push_back({monotonic_ns(), kind, std::move(source)});
  observer_.on_event(record_.events.back());
}

void Run::make_times_relative() {
  const std::int64_t zero = gate_opened_.value_or(0);
  for (Event& event : record_.events) event.time_ns -= zero;
  for (std::int64_t& time : record_.samples.time_ns) time -= zero;
  if (record_.child.last_touch_ns) *record_.child.last_touch_ns -= zero;
}

RunRecord Run::finish() {
  const std::string path = groups_.top_path();
  try {
    if (plan_.keep) {
      groups_.keep();
      record_.cleanup.left.push_back(path);
    } else {
      groups_.remove();
      record_.cleanup.removed = true;
    }
  } catch (const cgroupfs::FileError& error) {
    record_.cleanup.error = error.what();
    record_.cleanup.left.push_back(path);
  }
  return std::move(record_);
}

}  // namespace

RunRecord run(const Plan& plan, const Placement& placement,
              const Environment& environment, const SignalFd& signals,
              Observer& observer) {
  Run run(plan, placement, environment, signals, observer);
  run.execute();
  return run.finish();
}

}  // namespace lab
