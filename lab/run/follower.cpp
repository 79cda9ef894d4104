// SPDX-License-Identifier: MIT
#include "lab/run/follower.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "cgroupfs/error.h"
#include "lab/place/swap.h"
#include "lab/run/counters.h"

namespace lab {
namespace {

/// How much of the child's output is kept.
constexpr std::size_t most_output = 16 * kibi;

/// nullopt where this kernel gives no early notice: samples and the exit tell
/// of the kill then.
std::optional<cgroupfs::OomWatch> try_watch(const cgroupfs::Cgroup& group) {
  try {
    return cgroupfs::OomWatch::open(group);
  } catch (const cgroupfs::NotSupported&) {
    return std::nullopt;
  }
}

}  // namespace

Follower::Follower(RunRecord& record, const RunGroups& groups,
                   const Progress* progress, const SignalFd& signals,
                   Observer& observer)
    : record_(record),
      groups_(groups),
      members_(groups.top(), groups.target(),
               record.evidence.membership.emplace()),
      progress_(progress),
      signals_(signals),
      observer_(observer) {}

void Follower::prepare() {
  watch_ = try_watch(groups_.target());
  record_.evidence.before = read_all_counters();
  log_.emplace();
}

Counters Follower::read_all_counters() const {
  const cgroupfs::Memory& memory = groups_.memory();
  Counters counters =
      read_counters(memory, host_swaps(record_.environment).value_or(true));
  if (&groups_.top_memory() != &memory) {
    counters.oom_kills = groups_.top_memory().oom_kills();
  }
  const bool may_throttle =
      record_.plan.run && !record_.plan.run->high.is_max();
  if (may_throttle) counters.stalled = read_stalled(memory);
  return counters;
}

void Follower::start(const Child& child) {
  child_ = &child;
  std::vector<const cgroupfs::Memory*> memories{&groups_.memory()};
  if (groups_.outside_memory()) memories.push_back(groups_.outside_memory());
  sampler_.emplace(std::move(memories), progress_, record_.plan.poll);
  watch_all();
  const std::optional<nanoseconds> deadline = record_.plan.timeout;
  if (deadline) deadline_.once(*deadline);
  add_event(EventKind::gate_opened, "pipe");
  zero_ns_ = record_.events.back().time_ns;
  sample();
}

void Follower::sample() {
  sampler_->sample();
  members_.sample(*child_);
}

void Follower::finish() {
  while (read_output()) {
  }
  // The exit may be seen first, and ends the wait.
  if (watch_ && watch_->drain()) note_notification();
  sampler_->sample();
  read_members();
  record_.samples = sampler_->take();
  record_.evidence.after = read_all_counters();
  look_for_kill("process_exited");
  log_->collect();
  if (progress_) {
    main_process(record_).touched = progress_->touched();
    main_process(record_).last_touch_ns = progress_->last_touch();
  }
  make_times_relative();
}

void Follower::watch_all() {
  // The first to be called when several are ready at once: a notification is
  // noted before the exit that it announced.
  if (watch_) {
    loop_.watch(watch_->fd(), watch_->poll_events(),
                [this] { on_notification(); });
  }
  loop_.watch(child_->pidfd(), POLLIN, [this] { on_exit(); });
  loop_.watch(signals_.fd(), POLLIN, [this] { on_signal(); });
  loop_.watch(deadline_.fd(), POLLIN, [this] { on_deadline(); });
  if (child_->output_fd() >= 0) {
    loop_.watch(child_->output_fd(), POLLIN, [this] { on_output(); });
  }
  loop_.watch(sampler_->fd(), POLLIN, [this] { on_sample(); });
  loop_.watch(members_.fd(), POLLIN, [this] { members_.sample(*child_); });
}

void Follower::on_exit() {
  exited_ = true;
  loop_.unwatch(child_->pidfd());
  add_event(EventKind::process_exited, "pidfd");
  members_.read_ended(*child_);
}

void Follower::on_notification() {
  if (!watch_->drain()) {
    // A wake with nothing to take: the cgroup is gone and would wake for ever.
    loop_.unwatch(watch_->fd());
    return;
  }
  note_notification();
  // The victim is on its way out in a moment.
  read_members();
  look_for_kill(std::string(watch_->mechanism()));
}

void Follower::note_notification() {
  if (!notified_) {
    add_event(EventKind::notification, std::string(watch_->mechanism()));
  }
  notified_ = true;
}

void Follower::on_sample() {
  sample();
  if (notified_) look_for_kill("sample");
  observer_.on_sample(sampler_->samples());
}

void Follower::on_signal() {
  const std::optional<Signal> signal = signals_.take_signal();
  if (signal) handle_signal_(*signal);
}

void Follower::interrupt(const Signal& signal) {
  // One that comes with the child's own end does not change the outcome.
  if (exited_) return;
  record_.evidence.interrupted_by = signal.number;
  add_event(EventKind::interrupted, signal_name(signal.number));
}

void Follower::on_deadline() {
  deadline_.drain();
  if (exited_ && !record_.plan.run) return;
  record_.evidence.deadline_passed = true;
  add_event(EventKind::deadline, "timerfd");
}

void Follower::on_output() {
  if (!read_output()) loop_.unwatch(child_->output_fd());
}

/// False when there is nothing more to read.
bool Follower::read_output() {
  if (child_->output_fd() < 0) return false;
  std::array<char, 4096> buffer;
  const ssize_t count =
      ::read(child_->output_fd(), buffer.data(), buffer.size());
  if (count <= 0) return count < 0 && errno == EINTR;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(count));
  std::string& kept = *main_process(record_).output += text;
  if (kept.size() > most_output) kept.erase(0, kept.size() - most_output);
  observer_.on_output(text);
  return true;
}

bool Follower::ended() const noexcept {
  return exited_ || record_.evidence.deadline_passed ||
         record_.evidence.interrupted_by;
}

void Follower::follow_until(const std::function<bool()>& reached) {
  loop_.run_until([&] { return ended() || reached(); });
}

void Follower::look_for_kill(const std::string& source) {
  if (kill_seen_ || !record_.evidence.before.oom_kills) return;
  const auto kills = groups_.top_memory().oom_kills();
  if (!kills || *kills <= *record_.evidence.before.oom_kills) return;
  kill_seen_ = true;
  add_event(EventKind::kill_seen, source);
  // The kernel's report is long, and the victim takes its time to go: what is
  // read now need not be read later.
  log_->collect();
}

void Follower::add_event(EventKind kind, std::string source) {
  std::string subject;
  switch (kind) {
    case EventKind::limit_set:
    case EventKind::limit_refused:
    case EventKind::notification:
      subject = record_.cgroups.front().name;
      break;
    case EventKind::process_started:
    case EventKind::process_moved:
    case EventKind::gate_opened:
    case EventKind::process_exited:
    case EventKind::reaped:
      subject = main_process(record_).name;
      break;
    default:
      break;
  }
  record_.events.push_back(
      {monotonic_ns(), kind, std::move(subject), std::move(source)});
  observer_.on_event(record_.events.back());
}

void Follower::make_times_relative() {
  for (Event& event : record_.events) event.time_ns -= zero_ns_;
  for (Reading& reading : record_.readings) reading.time_ns -= zero_ns_;
  for (std::int64_t& time : record_.samples.time_ns) time -= zero_ns_;
  for (std::int64_t& time : record_.samples.stat.time_ns) time -= zero_ns_;
  if (main_process(record_).last_touch_ns)
    *main_process(record_).last_touch_ns -= zero_ns_;
}

}  // namespace lab
