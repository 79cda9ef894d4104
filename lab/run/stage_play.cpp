// SPDX-License-Identifier: MIT
#include "lab/run/stage_play.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/place/environment.h"
#include "lab/place/swap.h"
#include "lab/run/counters.h"
#include "lab/run/crossing.h"

namespace lab {
namespace {

using cgroupfs::File;

constexpr std::chrono::microseconds pressure_window = std::chrono::seconds(2);

}  // namespace

Stage::Stage(const Scenario& scenario, RunRecord& record,
             const Placement& placement, const SignalFd& signals,
             Observer& observer)
    : scenario_(scenario),
      record_(record),
      placement_(placement),
      signals_(signals),
      observer_(observer),
      groups_(record.plan, placement, record.environment) {
  for (const GroupSpec& spec : scenario.groups) {
    record.cgroups.push_back(
        {spec.name, fmt::format("{}/{}", groups_.top_path(), spec.name)});
  }
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

void Stage::begin() {
  observer_.on_start(record_);
  make_groups();
  make_actors();
  record_.evidence.before =
      read_counters(groups_.all().front().memory,
                    host_swaps(record_.environment).value_or(true));
  log_.emplace();
  read_host_details(record_.environment);
  watch_sources();
  zero_ns_ = monotonic_ns();
  sample();
  mark("before");
}

void Stage::make_groups() {
  note(EventKind::cgroup_created, "", "mkdir");
  groups_.build(scenario_,
                [this](const LimitRecord& limit) { note_limit(limit); });
  require_cgroup_kill();
  for (const StageGroup& group : groups_.all()) {
    known_[group.name] = {{"notified", 0}, {"refused", 0}};
  }
}

/// Killing member by member would show something else.
void Stage::require_cgroup_kill() const {
  const bool kills = std::any_of(
      scenario_.steps.begin(), scenario_.steps.end(),
      [](const Step& step) { return step.kind == Step::Kind::kill; });
  const StageGroup& group = groups_.all().front();
  if (!kills || group.cgroup.has(File::cgroup_kill)) return;
  throw cgroupfs::NotSupported(
      name_of(File::cgroup_kill),
      why_absent(File::cgroup_kill, group.cgroup.version()));
}

void Stage::make_actors() {
  std::uint64_t device_offset = 0;
  for (const ActorSpec& spec : scenario_.actors) {
    actors_.emplace_back(spec, record_.plan.size(), device_offset);
  }
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
    case Step::Kind::await_end:
      return await_end(step);
    case Step::Kind::rest:
      return rest(step.time);
    case Step::Kind::set:
      return write(step);
    case Step::Kind::move:
      return move(step);
    case Step::Kind::go_on:
      return go_on(step);
    case Step::Kind::mark:
      return mark(step.subject);
    case Step::Kind::kill:
      return kill(step);
    case Step::Kind::reclaim:
      return reclaim(step);
    case Step::Kind::release_file:
      return release_file(step);
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
  loop_.watch(actor.child().pidfd(), POLLIN,
              [this, &actor] { on_end_of(actor); });
  note(EventKind::process_started, actor.spec().name,
       actor.child().joined_by());
  actor.go_on();
  note(EventKind::gate_opened, actor.spec().name, "pipe");
}

void Stage::go_on(const Step& step) {
  Actor& paused = actor(step.subject);
  paused.pass_pause();
  paused.go_on();
  note(EventKind::step, step.subject, "goes on");
}

void Stage::write(const Step& step) {
  StageGroup& group = groups_.at(step.subject);
  const Written written = groups_.write(group, *step.setting);
  known_[group.name]["refused"] = static_cast<std::uint64_t>(written.refused);
  note_limit(written.record);
}

void Stage::kill(const Step& step) {
  groups_.at(step.subject).cgroup.kill();
  note(EventKind::step, step.subject, name_of(File::cgroup_kill));
}

void Stage::release_file(const Step& step) {
  actor(step.subject).release_file();
  note(EventKind::step, step.subject, "its file is let go");
}

void Stage::reclaim(const Step& step) {
  const Bytes bytes = step.part.of(record_.plan.size());
  std::string answer;
  try {
    groups_.at(step.subject).memory.set(File::memory_reclaim, bytes.count);
  } catch (const cgroupfs::FileError& error) {
    if (error.code().value() != EAGAIN) throw;
    answer = fmt::format(", the kernel says: {}", error.code().message());
  }
  note(EventKind::step, step.subject,
       fmt::format("{} {}{}", name_of(File::memory_reclaim), bytes.count,
                   answer));
}

void Stage::move(const Step& step) {
  const Actor& moved = actor(step.subject);
  if (moved.ended()) return;
  groups_.at(step.other).cgroup.add(moved.child().pid());
  note(EventKind::process_moved, step.subject, "to " + step.other);
}

void Stage::watch_usage(const Step& step) {
  StageGroup& group = groups_.at(step.subject);
  const Bytes threshold = step.part.of(record_.plan.size());
  const auto& event = usage_watches_.emplace_back(cgroupfs::register_event(
      group.cgroup, File::memory_current, std::to_string(threshold.count)));
  const int fd = event.get();
  const std::string own = fmt::format("notified_{}", usage_watches_.size());
  Numbers& known = known_[group.name];
  known[own] = 0;
  loop_.watch(fd, POLLIN, [this, fd, &group, &known, own, threshold] {
    if (!cgroupfs::drain_event(fd)) return;
    ++*known["notified"];
    ++*known[own];
    note(EventKind::notification, group.name,
         fmt::format("usage crossed {}, {} now", threshold.count,
                     group.memory.usage().count));
  });
}

void Stage::watch_pressure(const Step& step) {
  StageGroup& group = groups_.at(step.subject);
  auto& watch = pressure_watches_.emplace_back(cgroupfs::PressureWatch::open(
      group.cgroup, {false, step.time, pressure_window}));
  loop_.watch(watch.fd(), cgroupfs::PressureWatch::poll_events(),
              [this, &group] {
                ++*known_[group.name]["notified"];
                note(EventKind::notification, group.name, "PSI trigger");
              });
}

/// Where a straight line through the samples so far (least squares) meets the
/// limit.
void Stage::predict(const Step& step) {
  for (std::size_t i = 0; i < samples_.usage.size(); ++i) {
    const StageGroup& group = groups_.all()[i];
    if (group.name != step.subject) continue;
    const auto crossing = time_of_crossing(
        samples_.time_ns, samples_.usage[i],
        static_cast<double>(
            group.memory.limit(File::memory_max)->bytes().count));
    if (!crossing) continue;
    const auto predicted = static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, (*crossing - zero_ns_) / 1000000));
    known_[group.name]["predicted_ms"] = predicted;
    note(EventKind::step, group.name,
         fmt::format("will meet its limit at {} ms", predicted));
  }
}

}  // namespace lab
