// SPDX-License-Identifier: MIT
#include "lab/run/engine.h"

#include <errno.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <stdexcept>
#include <utility>

#include "cgroupfs/error.h"
#include "cgroupfs/event_control.h"
#include "cgroupfs/pressure.h"
#include "lab/base/errors.h"
#include "lab/base/version.h"
#include "lab/place/environment.h"
#include "lab/place/orphans.h"
#include "lab/place/swap.h"
#include "lab/run/command_end.h"
#include "lab/run/crossing.h"
#include "lab/run/follower.h"
#include "lab/run/membership.h"
#include "lab/run/run_cgroups.h"
#include "lab/run/run_process.h"

namespace lab {
namespace {

using cgroupfs::File;

constexpr std::chrono::microseconds pressure_window = std::chrono::seconds(2);

void begin_record(RunRecord& record, const Plan& plan,
                  const Placement& placement, const Environment& environment) {
  record.tool.version = version;
  record.date = utc_time(std::chrono::system_clock::now());
  record.environment = environment;
  record.environment.strategy = to_string(placement.strategy);
  record.environment.rejected = placement.rejected;
  record.plan = plan;
  for (const ProcessSpec& process : plan.procedure.processes) {
    ProcessRecord& known = record.processes.emplace_back();
    known.name = process.name;
    known.cgroup = process.cgroup;
  }
  const auto parent = cgroupfs::Directory::open(placement.parent);
  for (const Orphan& orphan :
       handle_orphans_in(parent, placement.version, OrphanAction::remove)) {
    if (orphan.is_gone()) {
      record.cleanup.orphans_removed.push_back(orphan.path);
    }
  }
}

/// A run in progress. Its members are destroyed in reverse order: the processes
/// before their cgroups.
class Engine {
 public:
  Engine(RunRecord& record, const Placement& placement, const SignalFd& signals,
         Observer& observer, Detail detail)
      : record_(record),
        plan_(record.plan),
        placement_(placement),
        observer_(observer),
        cgroups_(record.plan, placement, record.environment,
                 [this](const RunCgroup& cgroup, const Written& written) {
                   note_limit(cgroup, written);
                 }),
        follower_(record, cgroups_, processes_, signals, observer),
        detail_(detail) {}

  /// All but teardown.
  void execute();
  /// Removes the cgroups; records those left behind.
  void finish();
  /// Cleans up after `error`. Throws LeftBehind when that fails too.
  void abandon(const std::exception& error);

 private:
  void note_limit(const RunCgroup& cgroup, const Written& written);
  void require_cgroup_kill() const;
  void make_processes();
  std::vector<std::string> environment_of_command() const;
  bool try_out(const Step& step);
  bool carry_out(const Step& step);
  void start(const Step& step);
  void settle(const Step& step);
  void await_value(const Step& step);
  void await_end(const Step& step);
  void await_empty();
  void rest(std::chrono::milliseconds time);
  void set(const Step& step);
  bool limit(const Step& step);
  bool move(const Step& step);
  void go_on(const Step& step);
  void kill(const Step& step);
  void reclaim(const Step& step);
  void release_file(const Step& step);
  void watch_usage(const Step& step);
  void watch_pressure(const Step& step);
  void predict(const Step& step);
  void end_processes();
  RunProcess& process(const std::string& name);
  bool all_ended() const;

  RunRecord& record_;
  const Plan& plan_;
  const Placement& placement_;
  Observer& observer_;
  RunCgroups cgroups_;
  std::deque<RunProcess> processes_;
  std::deque<cgroupfs::UniqueFd> usage_watches_;
  std::deque<cgroupfs::PressureWatch> pressure_watches_;
  std::optional<CommandEnd> command_end_;
  Follower follower_;
  Detail detail_;
  bool host_read_ = false;
};

void Engine::execute() {
  const std::string top = cgroups_.top().path();
  for (const CgroupSpec& spec : plan_.procedure.cgroups) {
    record_.cgroups.push_back(
        {spec.name,
         plan_.procedure.guard ? fmt::format("{}/{}", top, spec.name) : top});
  }
  observer_.on_start(record_);
  follower_.note(EventKind::cgroup_created, "", "mkdir");
  cgroups_.build();
  require_cgroup_kill();
  make_processes();
  follower_.prepare(placement_, detail_);
  if (makes_claims(plan_.procedure)) follower_.mark("before");
  for (const Step& step : plan_.procedure.steps) {
    if (follower_.stopped() && !command_end_) break;
    if (!try_out(step)) break;
  }
  if (makes_claims(plan_.procedure)) {
    follower_.mark("after");
    follower_.sample();
  }
  end_processes();
  observer_.on_end();
  follower_.finish();
  processes_.front().require_execution();
}

void Engine::finish() {
  follower_.note_held(cgroups_.end(plan_.keep, record_.cleanup));
}

void Engine::abandon(const std::exception& error) {
  observer_.on_end();
  try {
    // A process that sleeps for memory would not end.
    cgroups_.enable_oom_killer();
  } catch (const std::exception&) {
    // Then the teardown reports it.
  }
  processes_.clear();
  Cleanup cleanup;
  cgroups_.end(/*keep=*/false, cleanup);
  if (!cleanup.error) return;
  throw LeftBehind(fmt::format("{}; and {} is left behind: {}", error.what(),
                               fmt::join(cleanup.left, ", "), *cleanup.error));
}

void Engine::note_limit(const RunCgroup& cgroup, const Written& written) {
  LimitRecord limit = written.record;
  limit.cgroup = cgroup.name;
  // An absent file is not a refusal.
  if (limit.actual) {
    follower_.note(
        written.refused != 0 ? EventKind::limit_refused : EventKind::limit_set,
        cgroup.name, limit.file);
  }
  record_.limits.push_back(std::move(limit));
}

/// Killing member by member would be a different experiment.
void Engine::require_cgroup_kill() const {
  const auto& steps = plan_.procedure.steps;
  const bool kills = std::any_of(
      steps.begin(), steps.end(),
      [](const Step& step) { return step.kind == Step::Kind::kill; });
  const cgroupfs::Cgroup& cgroup = cgroups_.first().cgroup;
  if (!kills || cgroup.has(File::cgroup_kill)) return;
  throw cgroupfs::NotSupported(name_of(File::cgroup_kill),
                               why_absent(File::cgroup_kill, cgroup.version()));
}

void Engine::make_processes() {
  std::uint64_t device_offset = 0;
  for (const ProcessSpec& spec : plan_.procedure.processes) {
    processes_.emplace_back(spec, plan_, device_offset);
  }
  for (const RunCgroup& cgroup : cgroups_.all()) {
    follower_.known(cgroup.name) = {{"notified", 0}, {"refused", 0}};
  }
}

/// The actual values; the requested swap limit where the kernel limits memory
/// and swap together.
std::vector<std::string> Engine::environment_of_command() const {
  if (!plan_.limits_in_environment) return {};
  const auto actual = [this](File file) {
    const LimitRecord* const limit = limit_of(record_, file);
    return limit && limit->actual ? *limit->actual : Limit::max();
  };
  const bool limits_swap_alone =
      swap_limit_file(record_.environment.memory_version) ==
      File::memory_swap_max;
  const Limit swap =
      limits_swap_alone ? actual(File::memory_swap_max) : plan_.swap;
  return {"CGLAB_LIMIT=" + to_string(actual(File::memory_max)),
          "CGLAB_HIGH=" + to_string(actual(File::memory_high)),
          "CGLAB_SWAP=" + to_string(swap),
          "CGLAB_PIDS=" + to_string(actual(File::pids_max)),
          "CGLAB_CGROUP=" + cgroup_path(record_)};
}

/// As carry_out(), unless another program has removed a cgroup: earlier
/// readings are not lost.
bool Engine::try_out(const Step& step) {
  try {
    return carry_out(step);
  } catch (const cgroupfs::FileError& error) {
    if (!follower_.is_by_removal(error)) throw;
    return false;
  }
}

/// False when the run must not continue.
bool Engine::carry_out(const Step& step) {
  switch (step.kind) {
    case Step::Kind::limit:
      return limit(step);
    case Step::Kind::move:
      return move(step);
    case Step::Kind::start:
      start(step);
      break;
    case Step::Kind::settle:
      settle(step);
      break;
    case Step::Kind::await_value:
      await_value(step);
      break;
    case Step::Kind::await_end:
      await_end(step);
      break;
    case Step::Kind::await_empty:
      await_empty();
      break;
    case Step::Kind::rest:
      rest(step.time);
      break;
    case Step::Kind::set:
      set(step);
      break;
    case Step::Kind::go_on:
      go_on(step);
      break;
    case Step::Kind::mark:
      follower_.mark(step.subject);
      break;
    case Step::Kind::kill:
      kill(step);
      break;
    case Step::Kind::reclaim:
      reclaim(step);
      break;
    case Step::Kind::release_file:
      release_file(step);
      break;
    case Step::Kind::watch_usage:
      watch_usage(step);
      break;
    case Step::Kind::watch_pressure:
      watch_pressure(step);
      break;
    case Step::Kind::predict:
      predict(step);
      break;
  }
  return true;
}

void Engine::start(const Step& step) {
  RunProcess& started = process(step.subject);
  const RunCgroup& cgroup = cgroups_.at(started.spec().cgroup);
  started.start(cgroup.cgroup, environment_of_command());
  follower_.note(EventKind::process_started, step.subject,
                 started.child().joined_by());
  started.await_start();
  verify_membership(started.child(), cgroup.cgroup, placement_);
  if (cgroups_.pids()) cgroups_.pids()->join(started.child().pid());
  // Less urgent values are read now: the process has not reached the gate yet.
  if (detail_ == Detail::record && !std::exchange(host_read_, true)) {
    read_host_details(record_.environment);
  }
  if (started.is_command()) {
    command_end_.emplace(started, cgroups_, follower_, record_);
  }
  follower_.watch(started);
  started.open_gate();
}

void Engine::settle(const Step& step) {
  const RunProcess& awaited = process(step.subject);
  follower_.wait_polling([&] { return awaited.settled(); });
}

void Engine::await_value(const Step& step) {
  const RunCgroup& cgroup = cgroups_.at(step.subject);
  const Numbers& known = follower_.known(cgroup.name);
  const std::int64_t end = monotonic_ns() + longest_wait(plan_, step).count();
  follower_.wait_polling([&] {
    if (monotonic_ns() >= end || all_ended()) return true;
    const auto own = known.find(step.other);
    const auto number = own == known.end()
                            ? read_number(cgroup, step.other, cgroups_.pids())
                            : own->second;
    return number.value_or(0) >= step.number;
  });
}

void Engine::await_end(const Step& step) {
  const RunProcess& awaited = process(step.subject);
  if (awaited.is_command()) {
    follower_.follow_until([&] { return command_end_->command_ended(); });
    command_end_->reap();
  } else if (step.time.count() == 0) {
    follower_.wait([&] { return awaited.ended(); });
  } else {
    const std::int64_t end = monotonic_ns() + longest_wait(plan_, step).count();
    follower_.wait_polling(
        [&] { return awaited.ended() || monotonic_ns() >= end; });
  }
}

void Engine::await_empty() {
  if (!command_end_) throw std::logic_error("no command was started");
  command_end_->follow_stragglers();
}

void Engine::rest(std::chrono::milliseconds time) {
  const std::int64_t end = monotonic_ns() + nanoseconds(time).count();
  follower_.wait_polling([end] { return monotonic_ns() >= end; });
}

void Engine::set(const Step& step) {
  RunCgroup& cgroup = cgroups_.at(step.subject);
  const Written written = cgroups_.write(cgroup, *step.setting);
  follower_.known(cgroup.name)["refused"] =
      static_cast<std::uint64_t>(written.refused);
  note_limit(cgroup, written);
}

bool Engine::limit(const Step& step) {
  return !cgroups_.limit(cgroups_.at(step.subject), {*step.setting});
}

/// Without claims the run depends on this process: false when it has ended
/// before.
bool Engine::move(const Step& step) {
  const RunProcess& moved = process(step.subject);
  const RunCgroup& cgroup = cgroups_.at(step.other);
  follower_.reap_ended();
  if (moved.ended()) return makes_claims(plan_.procedure);
  try {
    cgroup.cgroup.add(moved.child().pid());
  } catch (const cgroupfs::FileError& error) {
    if (error.code().value() != ESRCH) throw;
    follower_.wait([&] { return moved.ended(); });
    return makes_claims(plan_.procedure);
  }
  verify_membership(moved.child(), cgroup.cgroup, placement_);
  follower_.note(EventKind::process_moved, step.subject, "",
                 fact(FactKind::moved_to, step.other));
  return true;
}

void Engine::go_on(const Step& step) {
  process(step.subject).go_on();
  follower_.note(EventKind::step, step.subject, "", fact(FactKind::goes_on));
}

void Engine::kill(const Step& step) {
  cgroups_.at(step.subject).cgroup.kill();
  follower_.note(EventKind::step, step.subject, name_of(File::cgroup_kill));
}

void Engine::reclaim(const Step& step) {
  const Bytes bytes = step.part.of(plan_.size());
  std::optional<Fact> answer;
  try {
    cgroups_.at(step.subject).memory.set(File::memory_reclaim, bytes.count);
  } catch (const cgroupfs::FileError& error) {
    if (error.code().value() != EAGAIN) throw;
    answer = fact(FactKind::kernel_says, error.code().message());
  }
  follower_.note(
      EventKind::step, step.subject,
      fmt::format("{} {}", name_of(File::memory_reclaim), bytes.count),
      std::move(answer));
}

void Engine::release_file(const Step& step) {
  process(step.subject).release_file();
  follower_.note(EventKind::step, step.subject, "",
                 fact(FactKind::file_released));
}

void Engine::watch_usage(const Step& step) {
  RunCgroup& cgroup = cgroups_.at(step.subject);
  const Bytes threshold = step.part.of(plan_.size());
  const auto& event = usage_watches_.emplace_back(cgroupfs::register_event(
      cgroup.cgroup, File::memory_current, std::to_string(threshold.count)));
  const int fd = event.get();
  const std::string own = fmt::format("notified_{}", usage_watches_.size());
  Numbers& known = follower_.known(cgroup.name);
  known[own] = 0;
  follower_.watch(fd, POLLIN, [this, fd, &cgroup, &known, own, threshold] {
    if (!cgroupfs::drain_event(fd)) return;
    ++*known["notified"];
    ++*known[own];
    follower_.note(
        EventKind::notification, cgroup.name, "",
        fact(FactKind::usage_crossed, fact(FactKind::size, threshold.count),
             fact(FactKind::size, cgroup.memory.usage().count)));
  });
}

void Engine::watch_pressure(const Step& step) {
  RunCgroup& cgroup = cgroups_.at(step.subject);
  auto& watch = pressure_watches_.emplace_back(cgroupfs::PressureWatch::open(
      cgroup.cgroup, {false, step.time, pressure_window}));
  follower_.watch(
      watch.fd(), cgroupfs::PressureWatch::poll_events(), [this, &cgroup] {
        ++*follower_.known(cgroup.name)["notified"];
        follower_.note(EventKind::notification, cgroup.name, "PSI trigger");
      });
}

/// When a straight line through the samples so far (least squares) reaches the
/// limit.
void Engine::predict(const Step& step) {
  const Samples& samples = follower_.samples();
  for (std::size_t i = 0; i < samples.usage.size(); ++i) {
    const RunCgroup& cgroup = cgroups_.all()[i];
    if (cgroup.name != step.subject) continue;
    const auto limit = cgroup.memory.limit(File::memory_max);
    if (!limit || limit->is_max()) return;
    const auto crossing =
        time_of_crossing(samples.time_ns, samples.usage[i],
                         static_cast<double>(limit->bytes().count));
    if (!crossing) continue;
    const auto predicted = static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, (*crossing - follower_.zero_ns()) / 1000000));
    follower_.known(cgroup.name)["predicted_ms"] = predicted;
    follower_.note(EventKind::step, cgroup.name, "",
                   fact(FactKind::meets_limit_at, predicted));
  }
}

void Engine::end_processes() {
  // While the OOM killer is disabled, a process that sleeps for memory does not
  // react to signals.
  cgroups_.enable_oom_killer();
  follower_.reap_ended();
  for (RunProcess& each : processes_) follower_.end(each);
  if (!makes_claims(plan_.procedure) && cgroups_.pids()) {
    record_.readings.push_back(
        {"after",
         monotonic_ns(),
         cgroups_.first().name,
         {{"forks_refused", cgroups_.pids()->refused()}}});
  }
}

RunProcess& Engine::process(const std::string& name) {
  for (RunProcess& each : processes_) {
    if (each.spec().name == name) return each;
  }
  throw std::logic_error("the run has no process " + name);
}

bool Engine::all_ended() const {
  return std::all_of(
      processes_.begin(), processes_.end(),
      [](const RunProcess& each) { return !each.started() || each.ended(); });
}

[[noreturn]] void refuse(const cgroupfs::NotSupported& lack,
                         const Placement& placement) {
  throw Unavailable(
      fmt::format("{}: {}", lack.feature(), lack.reason()), "",
      /*vm_helps=*/true,
      placement.version == cgroupfs::Version::v1 ? " --cgroup v1" : "");
}

}  // namespace

RunRecord run(const Plan& plan, const Placement& placement,
              const Environment& environment, const SignalFd& signals,
              Observer& observer, Detail detail) {
  RunRecord record;
  begin_record(record, plan, placement, environment);
  Engine engine(record, placement, signals, observer, detail);
  try {
    engine.execute();
  } catch (const cgroupfs::NotSupported& lack) {
    engine.abandon(lack);
    refuse(lack, placement);
  } catch (const std::exception& error) {
    engine.abandon(error);
    throw;
  }
  engine.finish();
  return record;
}

}  // namespace lab
