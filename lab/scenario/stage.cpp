// SPDX-License-Identifier: MIT
#include "lab/scenario/stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <exception>
#include <functional>

#include "cgroupfs/error.h"
#include "cgroupfs/pressure.h"
#include "cgroupfs/usage_watch.h"
#include "lab/counters.h"
#include "lab/environment.h"
#include "lab/errors.h"
#include "lab/kmsg.h"
#include "lab/membership.h"
#include "lab/orphans.h"
#include "lab/poll_loop.h"
#include "lab/run_steps.h"
#include "lab/scenario/actor.h"
#include "lab/scenario/judge.h"
#include "lab/scenario/readings.h"
#include "lab/scenario/stage_groups.h"
#include "lab/stat_sampler.h"
#include "lab/timer_fd.h"

namespace lab {
namespace {

/// A long run keeps every second sample then, as Sampler does.
constexpr std::size_t most_samples = 20000;
constexpr std::chrono::microseconds pressure_window = std::chrono::seconds(2);

void clean_orphans(const Placement& placement, RunRecord& record) {
  const auto parent = cgroupfs::Directory::open(placement.parent);
  for (const Orphan& orphan :
       handle_orphans_in(parent, placement.version, OrphanAction::remove)) {
    if (orphan.error.empty()) {
      record.cleanup.orphans_removed.push_back(orphan.path);
    }
  }
}

/// The time at which the straight line through `samples` is at `goal`; nullopt
/// when it does not rise.
std::optional<std::int64_t> time_of_crossing(const GroupSamples& samples,
                                             double goal) {
  const auto count = static_cast<double>(samples.time_ns.size());
  if (count < 3) return std::nullopt;
  const std::int64_t zero = samples.time_ns.front();
  double sum_t = 0, sum_u = 0, sum_tt = 0, sum_tu = 0;
  for (std::size_t i = 0; i < samples.time_ns.size(); ++i) {
    const auto t = static_cast<double>(samples.time_ns[i] - zero);
    const auto u = static_cast<double>(samples.usage[i]);
    sum_t += t;
    sum_u += u;
    sum_tt += t * t;
    sum_tu += t * u;
  }
  const double spread = count * sum_tt - sum_t * sum_t;
  const double slope =
      spread > 0 ? (count * sum_tu - sum_t * sum_u) / spread : 0;
  if (slope <= 0) return std::nullopt;
  const double at_zero = (sum_u - slope * sum_t) / count;
  return zero + static_cast<std::int64_t>((goal - at_zero) / slope);
}

/// A run of a scenario under way. Its members go in reverse order: the actors
/// before their groups.
class Stage {
 public:
  Stage(const Scenario& scenario, RunRecord& record, const Placement& placement,
        const SignalFd& signals, Observer& observer)
      : scenario_(scenario),
        record_(record),
        placement_(placement),
        signals_(signals),
        observer_(observer),
        groups_(scenario, record.plan, placement, record.environment,
                record.limits) {
    std::uint64_t device_offset = 0;
    for (const ActorSpec& spec : scenario.actors) {
      actors_.emplace_back(spec, record.plan.limit, device_offset);
    }
    record_.group = groups_.all().front().cgroup.path();
    for (const StageGroup& group : groups_.all()) {
      samples_.emplace_back();
      record_.scenario->groups.push_back({group.name, group.cgroup.path(), {}});
    }
  }

  void perform();
  void finish();
  void remove();
  const std::string& top_path() const noexcept { return groups_.top_path(); }

 private:
  void begin();
  void do_step(const Step& step);
  void start(Actor& actor);
  void write(const Step& step);
  void reclaim(const Step& step);
  void move(const Step& step);
  void watch_usage(const Step& step);
  void watch_pressure(const Step& step);
  void await_value(const Step& step);
  void predict(const Step& step);
  void wait(const std::function<bool()>& reached);
  void rest(std::chrono::milliseconds time);
  void sample();
  void on_end_of(Actor& actor);
  void on_signal();
  void note(EventKind kind, std::string source);
  void mark(const std::string& name);
  void end_actors();
  void fill_child();
  void read_victim();
  void make_times_relative();
  bool stopped() const noexcept {
    return record_.deadline_passed || record_.interrupted_by;
  }
  Actor& actor(const std::string& name);
  bool all_ended() const;

  const Scenario& scenario_;
  RunRecord& record_;
  const Placement& placement_;
  const SignalFd& signals_;
  Observer& observer_;
  StageGroups groups_;
  std::deque<Actor> actors_;
  std::vector<GroupSamples> samples_;
  Samples primary_;
  StatSampler stat_;
  std::map<std::string, std::uint64_t> notified_;
  std::map<std::string, std::uint64_t> predicted_ms_;
  std::map<std::string, std::uint64_t> ended_ms_;
  std::deque<cgroupfs::UsageWatch> usage_watches_;
  std::deque<cgroupfs::PressureWatch> pressure_watches_;
  std::optional<KernelLog> log_;
  TimerFd deadline_;
  TimerFd sampling_;
  PollLoop loop_;
  std::int64_t zero_ns_ = 0;
};

void Stage::note(EventKind kind, std::string source) {
  record_.events.push_back({monotonic_ns(), kind, std::move(source)});
  observer_.on_event(record_.events.back());
}

void Stage::begin() {
  observer_.on_start(record_);
  note(EventKind::group_created, "mkdir");
  for (const LimitRecord& limit : record_.limits) {
    note(EventKind::limit_set, limit.file);
  }
  record_.before = read_counters(*groups_.all().front().memory,
                                 record_.environment.swap_total != Bytes{0});
  log_.emplace();
  read_host_details(record_.environment);
  sampling_.every(record_.plan.poll);
  deadline_.once(record_.plan.timeout);
  loop_.watch(signals_.fd(), POLLIN, [this] { on_signal(); });
  loop_.watch(deadline_.fd(), POLLIN, [this] {
    deadline_.drain();
    record_.deadline_passed = true;
    note(EventKind::deadline, "timerfd");
  });
  loop_.watch(sampling_.fd(), POLLIN, [this] { sample(); });
  note(EventKind::gate_opened, "pipe");
  zero_ns_ = record_.events.back().time_ns;
  sample();
  mark("before");
}

void Stage::perform() {
  begin();
  for (const Step& step : scenario_.steps) {
    if (stopped()) break;
    do_step(step);
  }
  mark("after");
  sample();
}

void Stage::do_step(const Step& step) {
  switch (step.kind) {
    case Step::Kind::start:
      return start(actor(step.subject));
    case Step::Kind::settle: {
      const Actor& awaited = actor(step.subject);
      return wait([&] { return awaited.settled(); });
    }
    case Step::Kind::await_value:
      return await_value(step);
    case Step::Kind::rest:
      return rest(step.time);
    case Step::Kind::set:
      return write(step);
    case Step::Kind::move:
      return move(step);
    case Step::Kind::go_on:
      actor(step.subject).pass_pause();
      actor(step.subject).go_on();
      return note(EventKind::step, step.subject + " goes on");
    case Step::Kind::mark:
      return mark(step.subject);
    case Step::Kind::kill:
      note(EventKind::step, fmt::format("{}: cgroup.kill", step.subject));
      return groups_.at(step.subject).cgroup.kill();
    case Step::Kind::reclaim:
      return reclaim(step);
    case Step::Kind::release_file:
      actor(step.subject).release_file();
      return note(EventKind::step,
                  fmt::format("the file of {} is let go", step.subject));
    case Step::Kind::watch_usage:
      return watch_usage(step);
    case Step::Kind::watch_pressure:
      return watch_pressure(step);
    case Step::Kind::predict:
      return predict(step);
  }
}

void Stage::start(Actor& actor) {
  actor.start(groups_.at(actor.spec().group), groups_, placement_);
  loop_.watch(actor.child().pidfd(), POLLIN, [this, &actor] {
    loop_.unwatch(actor.child().pidfd());
    on_end_of(actor);
  });
  note(EventKind::child_started,
       fmt::format("{} in {} ({})", actor.spec().name, actor.spec().group,
                   actor.child().joined_by()));
  actor.go_on();
}

void Stage::write(const Step& step) {
  StageGroup& group = groups_.at(step.subject);
  LimitRecord limit = groups_.write(group, *step.assignment);
  note(limit.error ? EventKind::limit_refused : EventKind::limit_set,
       fmt::format("{} of {}: {}", limit.file, group.name, limit.asked));
  record_.limits.push_back(std::move(limit));
}

void Stage::reclaim(const Step& step) {
  const Bytes bytes = step.part.of(record_.plan.limit);
  std::string answer;
  try {
    groups_.at(step.subject).memory->reclaim(bytes);
  } catch (const cgroupfs::FileError& error) {
    if (error.code().value() != EAGAIN) throw;
    answer = fmt::format(", the kernel says: {}", error.code().message());
  }
  note(EventKind::step, fmt::format("{}: memory.reclaim {}{}", step.subject,
                                    bytes.count, answer));
}

void Stage::move(const Step& step) {
  const Actor& moved = actor(step.subject);
  if (moved.ended()) return;
  groups_.at(step.other).cgroup.add(moved.child().pid());
  note(EventKind::child_moved,
       fmt::format("{} to {}", step.subject, step.other));
}

void Stage::watch_usage(const Step& step) {
  StageGroup& group = groups_.at(step.subject);
  const Bytes threshold = step.part.of(record_.plan.limit);
  auto& watch = usage_watches_.emplace_back(
      cgroupfs::UsageWatch::open(group.cgroup, threshold));
  loop_.watch(watch.fd(), POLLIN, [this, &watch, &group, threshold] {
    if (!watch.drain()) return;
    ++notified_[group.name];
    note(EventKind::notification,
         fmt::format("usage of {} crossed {}, {} now", group.name,
                     threshold.count, group.memory->usage().count));
  });
}

void Stage::watch_pressure(const Step& step) {
  StageGroup& group = groups_.at(step.subject);
  auto& watch = pressure_watches_.emplace_back(cgroupfs::PressureWatch::open(
      group.cgroup.directory(), {false, step.time, pressure_window}));
  loop_.watch(watch.fd(), cgroupfs::PressureWatch::poll_events(),
              [this, &group] {
                ++notified_[group.name];
                note(EventKind::notification,
                     fmt::format("PSI trigger of {}", group.name));
              });
}

void Stage::await_value(const Step& step) {
  const StageGroup& group = groups_.at(step.subject);
  const std::int64_t end = monotonic_ns() + nanoseconds(step.time).count();
  wait([&] {
    if (monotonic_ns() >= end || all_ended()) return true;
    if (step.other == "notified") return notified_[group.name] >= step.number;
    return read_number(group, step.other, groups_.pids()).value_or(0) >=
           step.number;
  });
}

/// Where a straight line through the samples so far (least squares) meets the
/// limit.
void Stage::predict(const Step& step) {
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    const StageGroup& group = groups_.all()[i];
    if (group.name != step.subject) continue;
    const auto crossing = time_of_crossing(
        samples_[i], static_cast<double>(group.memory->max().bytes().count));
    if (!crossing) continue;
    predicted_ms_[group.name] = static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, (*crossing - zero_ns_) / 1000000));
    note(EventKind::step, fmt::format("{} will meet its limit at {} ms",
                                      group.name, predicted_ms_[group.name]));
  }
}

void Stage::wait(const std::function<bool()>& reached) {
  loop_.run_until([&] { return stopped() || reached(); });
}

void Stage::rest(std::chrono::milliseconds time) {
  const std::int64_t end = monotonic_ns() + nanoseconds(time).count();
  wait([end] { return monotonic_ns() >= end; });
}

void Stage::sample() {
  sampling_.drain();
  const std::int64_t now = monotonic_ns();
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    samples_[i].time_ns.push_back(now);
    samples_[i].usage.push_back(groups_.all()[i].memory->usage().count);
  }
  primary_.time_ns.push_back(now);
  primary_.usage.push_back(samples_.front().usage.back());
  primary_.touched.push_back(actors_.empty() ? 0
                                             : actors_.front().touched().count);
  stat_.sample(*groups_.all().front().memory, now);
  observer_.on_sample(primary_);
  if (primary_.time_ns.size() < most_samples) return;
  sampling_.every(record_.plan.poll * 10);
}

void Stage::on_end_of(Actor& actor) {
  if (!actor.try_reap()) return;
  const ActorRecord ended = actor.record();
  ended_ms_[ended.name] =
      static_cast<std::uint64_t>((monotonic_ns() - zero_ns_) / 1000000);
  note(EventKind::actor_ended,
       ended.signal
           ? fmt::format("{}: {}", ended.name, signal_name(*ended.signal))
           : fmt::format("{}: exit status {}", ended.name,
                         ended.exit_code.value_or(0)));
  log_->collect();
}

void Stage::on_signal() {
  const std::optional<Signal> signal = signals_.take_signal();
  if (!signal) return;
  record_.interrupted_by = signal->number;
  note(EventKind::interrupted, signal_name(signal->number));
}

void Stage::mark(const std::string& name) {
  const std::int64_t now = monotonic_ns();
  auto& readings = record_.scenario->readings;
  for (const StageGroup& group : groups_.all()) {
    Numbers numbers = read_numbers(group, groups_.pids());
    numbers["notified"] = notified_[group.name];
    if (predicted_ms_.contains(group.name)) {
      numbers["predicted_ms"] = predicted_ms_[group.name];
    }
    readings.push_back({name, now, group.name, std::move(numbers)});
  }
  for (const Actor& actor : actors_) {
    Numbers numbers = actor.numbers();
    if (ended_ms_.contains(actor.spec().name)) {
      numbers["ended_ms"] = ended_ms_[actor.spec().name];
    }
    readings.push_back({name, now, actor.spec().name, std::move(numbers)});
  }
}

Actor& Stage::actor(const std::string& name) {
  for (Actor& actor : actors_) {
    if (actor.spec().name == name) return actor;
  }
  throw std::logic_error("the scenario has no actor " + name);
}

bool Stage::all_ended() const {
  return std::all_of(actors_.begin(), actors_.end(), [](const Actor& actor) {
    return !actor.started() || actor.ended();
  });
}

void Stage::end_actors() {
  // One that sleeps for want of memory ends by no signal while the OOM killer
  // is off.
  for (StageGroup& group : groups_.all()) {
    if (group.cgroup.version() != cgroupfs::Version::v1) continue;
    if (group.memory->oom_control().oom_kill_disable) {
      group.memory->set_oom_kill_disable(false);
    }
  }
  for (Actor& actor : actors_) actor.end();
}

void Stage::fill_child() {
  for (const Actor& actor : actors_) {
    record_.scenario->actors.push_back(actor.record());
  }
  const ActorRecord& first = record_.scenario->actors.front();
  record_.child.pid = first.pid;
  record_.child.joined_by =
      actors_.front().started() ? actors_.front().child().joined_by() : "";
  record_.child.exit_code = first.exit_code;
  record_.child.signal = first.signal;
  record_.child.touched = Bytes{first.touched};
  record_.child.last_touch_ns = actors_.front().last_touch();
  record_.child.output = first.output;
}

void Stage::finish() {
  end_actors();
  observer_.on_end();
  const cgroupfs::MemoryController& memory = *groups_.all().front().memory;
  record_.after =
      read_counters(memory, record_.environment.swap_total != Bytes{0});
  record_.peak = read_peak(memory);
  fill_child();
  read_victim();
  make_times_relative();
  if (!record_.peak) record_.peak = peak_of(record_.samples);
  record_.scenario->claims =
      judge(scenario_.claims, *record_.scenario, record_.plan.limit,
            record_.environment.memory_version);
}

/// The kernel's record of one of the actors, the first one before others.
void Stage::read_victim() {
  log_->collect();
  if (!log_->readable()) {
    record_.victim_absent_because = log_->absent_because();
    return;
  }
  for (const StageGroup& group : groups_.all()) {
    const std::string tail = tail_below(group.cgroup.path(), placement_);
    auto victims = parse_victims(log_->text(), tail, record_.child.pid);
    if (victims.empty()) continue;
    record_.victim = std::move(victims.front());
    return;
  }
  record_.victim_absent_because = "no kill in these cgroups in /dev/kmsg";
}

void Stage::make_times_relative() {
  for (Event& event : record_.events) event.time_ns -= zero_ns_;
  for (Reading& reading : record_.scenario->readings) {
    reading.time_ns -= zero_ns_;
  }
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    for (std::int64_t& time : samples_[i].time_ns) time -= zero_ns_;
    record_.scenario->groups[i].samples = std::move(samples_[i]);
  }
  for (std::int64_t& time : primary_.time_ns) time -= zero_ns_;
  record_.samples = std::move(primary_);
  record_.samples.stat = stat_.take();
  for (std::int64_t& time : record_.samples.stat.time_ns) time -= zero_ns_;
  if (record_.child.last_touch_ns) *record_.child.last_touch_ns -= zero_ns_;
}

void Stage::remove() {
  actors_.clear();
  groups_.remove();
}

void remove_stage(Stage& stage, RunRecord& record) {
  try {
    stage.remove();
    record.cleanup.removed = true;
  } catch (const std::exception& error) {
    record.cleanup.error = error.what();
    record.cleanup.left.push_back(stage.top_path());
  }
}

}  // namespace

RunRecord run_scenario(const Scenario& scenario, const Plan& plan,
                       const Placement& placement,
                       const Environment& environment, const SignalFd& signals,
                       Observer& observer) {
  RunRecord record;
  record.environment = environment;
  record.plan = plan;
  record.strategy = placement.strategy;
  record.rejected = placement.rejected;
  record.scenario.emplace();
  clean_orphans(placement, record);
  Stage stage(scenario, record, placement, signals, observer);
  try {
    stage.perform();
    stage.finish();
  } catch (const std::exception& error) {
    observer.on_end();
    remove_after(error, stage.top_path(), [&] { stage.remove(); });
    throw;
  }
  remove_stage(stage, record);
  return record;
}

}  // namespace lab
