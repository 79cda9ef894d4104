// SPDX-License-Identifier: MIT
/// What the stage waits for, reads and notes while it carries out its steps.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "lab/place/memory_access.h"
#include "lab/run/counters.h"
#include "lab/run/stage_play.h"

namespace lab {
namespace {

/// From then on a long run is sampled ten times as seldom.
constexpr std::size_t many_samples = 20000;
constexpr std::chrono::milliseconds wake_interval(5);

}  // namespace

void Stage::watch_sources() {
  sampling_.every(record_.plan.poll);
  waking_.every(wake_interval);
  deadline_.once(*record_.plan.timeout);
  loop_.watch(signals_.fd(), POLLIN, [this] { on_signal(); });
  loop_.watch(deadline_.fd(), POLLIN, [this] { on_deadline(); });
  loop_.watch(sampling_.fd(), POLLIN, [this] { sample(); });
  loop_.watch(waking_.fd(), POLLIN, [this] { waking_.drain(); });
}

void Stage::note(EventKind kind, std::string subject, std::string source) {
  record_.events.push_back(
      {monotonic_ns(), kind, std::move(subject), std::move(source)});
  observer_.on_event(record_.events.back());
}

void Stage::note_limit(const LimitRecord& limit) {
  note(limit.error ? EventKind::limit_refused : EventKind::limit_set,
       limit.cgroup, limit.file);
  record_.limits.push_back(limit);
}

void Stage::wait(const std::function<bool()>& reached) {
  loop_.run_until([&] { return stopped() || reached(); });
}

void Stage::rest(std::chrono::milliseconds time) {
  const std::int64_t end = monotonic_ns() + nanoseconds(time).count();
  wait([end] { return monotonic_ns() >= end; });
}

void Stage::await_end(const Step& step) {
  const Actor& awaited = actor(step.subject);
  const std::int64_t end = monotonic_ns() + nanoseconds(step.time).count();
  wait([&] { return awaited.ended() || monotonic_ns() >= end; });
}

void Stage::await_value(const Step& step) {
  const StageGroup& group = groups_.at(step.subject);
  const Numbers& known = known_[group.name];
  const std::int64_t end = monotonic_ns() + nanoseconds(step.time).count();
  wait([&] {
    if (monotonic_ns() >= end || all_ended()) return true;
    const auto own = known.find(step.other);
    const auto number = own == known.end()
                            ? read_number(group, step.other, groups_.pids())
                            : own->second;
    return number.value_or(0) >= step.number;
  });
}

void Stage::sample() {
  sampling_.drain();
  const std::int64_t now = monotonic_ns();
  samples_.time_ns.push_back(now);
  samples_.usage.resize(groups_.all().size());
  for (std::size_t i = 0; i < samples_.usage.size(); ++i) {
    samples_.usage[i].push_back(groups_.all()[i].memory.usage().count);
  }
  if (!samples_.touched) samples_.touched.emplace();
  samples_.touched->push_back(actors_.front().touched().count);
  stat_.sample(groups_.all().front().memory, now);
  // Before the first gate is open there is nothing to follow.
  if (any_started()) observer_.on_sample(samples_);
  if (samples_.time_ns.size() != many_samples) return;
  sampling_.every(record_.plan.poll * 10);
}

void Stage::on_end_of(Actor& actor) {
  const int pidfd = actor.child().pidfd();
  if (!actor.try_reap()) return;
  loop_.unwatch(pidfd);
  const ProcessRecord ended = actor.record();
  known_[ended.name]["ended_ms"] =
      static_cast<std::uint64_t>((monotonic_ns() - zero_ns_) / 1000000);
  note(EventKind::process_exited, ended.name, "pidfd");
  note(EventKind::reaped, ended.name,
       ended.signal
           ? signal_name(*ended.signal)
           : fmt::format("exit status {}", ended.exit_code.value_or(0)));
  log_->collect();
}

void Stage::on_signal() {
  const std::optional<Signal> signal = signals_.take_signal();
  if (!signal) return;
  record_.evidence.interrupted_by = signal->number;
  note(EventKind::interrupted, "", signal_name(signal->number));
}

void Stage::on_deadline() {
  deadline_.drain();
  record_.evidence.deadline_passed = true;
  note(EventKind::deadline, "", "timerfd");
}

void Stage::reap_ended() {
  for (Actor& actor : actors_) {
    if (actor.started()) on_end_of(actor);
  }
}

void Stage::mark(const std::string& name) {
  reap_ended();
  const std::int64_t now = monotonic_ns();
  const auto add = [&](const std::string& subject, Numbers numbers) {
    for (const auto& [key, number] : known_[subject]) numbers[key] = number;
    record_.readings.push_back({name, now, subject, std::move(numbers)});
  };
  for (const StageGroup& group : groups_.all()) {
    add(group.name, read_numbers(group, groups_.pids()));
  }
  for (const Actor& actor : actors_) add(actor.spec().name, actor.numbers());
  add(all_groups, {{"oom_kills", groups_.top_memory().oom_kills()}});
}

Actor& Stage::actor(const std::string& name) {
  for (Actor& actor : actors_) {
    if (actor.spec().name == name) return actor;
  }
  throw std::logic_error("the scenario has no actor " + name);
}

bool Stage::any_started() const {
  return std::any_of(actors_.begin(), actors_.end(),
                     [](const Actor& actor) { return actor.started(); });
}

bool Stage::all_ended() const {
  return std::all_of(actors_.begin(), actors_.end(), [](const Actor& actor) {
    return !actor.started() || actor.ended();
  });
}

}  // namespace lab
