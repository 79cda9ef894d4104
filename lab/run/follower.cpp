// SPDX-License-Identifier: MIT
#include "lab/run/follower.h"

#include <poll.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <thread>
#include <utility>

#include "cgroupfs/error.h"
#include "lab/place/held.h"
#include "lab/place/memory_access.h"
#include "lab/place/swap.h"
#include "lab/run/membership.h"
#include "lab/run/shared_memory.h"

namespace lab {
namespace {

/// The interval between checks of conditions that no descriptor signals.
constexpr std::chrono::milliseconds look_interval(5);
/// After a notification, where no sample checks it.
constexpr std::chrono::milliseconds kill_interval(1);
constexpr int most_looks = 50;
/// For a tracer, before the observer is notified.
constexpr nanoseconds waiting_delay = std::chrono::seconds(1);
/// From SIGKILL to the end: freeing much memory takes time.
constexpr nanoseconds killed_timeout = std::chrono::seconds(30);
/// Before checking why a process has not ended.
constexpr std::chrono::milliseconds held_interval(200);
/// From the end until a tracer reaps it.
constexpr nanoseconds tracer_timeout = std::chrono::seconds(2);
/// The kernel sends SIGKILL before it logs the victim.
constexpr nanoseconds log_timeout = std::chrono::milliseconds(50);

/// nullopt where this kernel has no notification: then samples and the exit
/// reveal the kill.
std::optional<cgroupfs::OomWatch> try_watch(const cgroupfs::Cgroup& cgroup) {
  try {
    return cgroupfs::OomWatch::open(cgroup);
  } catch (const cgroupfs::NotSupported&) {
    return std::nullopt;
  }
}

/// Processes of the run, with their names in the log.
KnownPids pids_in_log(const RunRecord& record) {
  KnownPids pids;
  if (!record.environment.initial_pid_namespace) return pids;
  for (const ProcessRecord& process : record.processes) {
    if (process.pid != 0) pids.started.push_back(process.pid);
  }
  for (const Member& member : record.evidence.ledger.processes) {
    pids.seen.push_back(member.pid);
    pids.seen.insert(pids.seen.end(), member.threads.begin(),
                     member.threads.end());
  }
  return pids;
}

/// The cgroups below `path`, which is `directory`.
void add_descendants(const cgroupfs::Directory& directory,
                     std::vector<Descendant>& found) {
  for (const std::string& name : directory.subdirectories()) {
    const std::string path = directory.path_of(name);
    const auto memory = try_open_memory(path, cgroupfs::Version::v2);
    if (!memory) continue;
    Descendant descendant{path, std::nullopt, std::nullopt};
    try {
      descendant.max = memory->limit(cgroupfs::File::memory_max);
      const auto events = memory->events(cgroupfs::File::memory_events_local);
      if (events) descendant.hits = events->oom;
      found.push_back(std::move(descendant));
      add_descendants(cgroupfs::Directory::open(path), found);
    } catch (const cgroupfs::FileError&) {
      // It was removed meanwhile.
    }
  }
}

}  // namespace

Follower::Follower(RunRecord& record, RunCgroups& cgroups,
                   std::deque<RunProcess>& processes, const SignalFd& signals,
                   Observer& observer)
    : record_(record),
      cgroups_(cgroups),
      processes_(processes),
      signals_(signals),
      observer_(observer),
      handle_signal_([this](const Signal& signal) {
        // A signal that arrives when the hog has ended does not change the
        // outcome.
        if (judges_process() && first().ended()) return;
        note_before_end();
        record_.evidence.interrupted_by = signal.number;
        note(EventKind::interrupted, "", signal_name(signal.number));
      }) {}

void Follower::prepare(const Placement& placement, Detail detail) {
  placement_ = placement;
  started_ = std::chrono::system_clock::now();
  // Where the kernel keeps no peak, the samples have it; they also read which
  // processes are inside, which matters for a command.
  samples_ = detail == Detail::record || !judges_process() ||
             is_command(record_.plan) ||
             !cgroups_.first().memory.has(cgroupfs::File::memory_peak);
  name_ = KernelName::of(cgroups_.top().path(), placement.hierarchy);
  if (judges_process()) {
    ancestors_.emplace(
        std::filesystem::path(cgroups_.first().cgroup.path()).parent_path(),
        placement.hierarchy.mount_point, placement.version,
        is_command(record_.plan) ? Ancestors::Watch::all
                                 : Ancestors::Watch::limited);
    watch_ = try_watch(cgroups_.first().cgroup);
    if (watch_ && placement.version == cgroupfs::Version::v1) {
      record_.evidence.notifications = 0;
    }
  }
  record_.evidence.before = read_all_counters();
  log_.emplace();
  // The last one: it uses the descriptors that the others leave free.
  ledger_.emplace(
      cgroups_,
      record_.plan.procedure.guard ? cgroups_.first().cgroup : cgroups_.top(),
      placement, record_.evidence.ledger);
}

Counters Follower::read_all_counters() const {
  const cgroupfs::Memory& memory = cgroups_.first().memory;
  Counters counters =
      read_counters(memory, host_swaps(record_.environment).value_or(true));
  if (&cgroups_.top_memory() != &memory) {
    counters.oom_kills = cgroups_.top_memory().oom_kills();
  }
  if (judges_process()) {
    const bool may_throttle =
        limit_of(record_, cgroupfs::File::memory_high) != nullptr;
    if (may_throttle) counters.stalled = read_stalled(memory);
  }
  return counters;
}

void Follower::begin() {
  // Called first when several are ready at once: a notification is recorded
  // before the exit that it announced.
  if (watch_) {
    loop_.watch(watch_->fd(), watch_->poll_events(),
                [this] { on_notification(); });
  }
  loop_.watch(signals_.fd(), POLLIN, [this] { on_signal(); });
  loop_.watch(deadline_.fd(), POLLIN, [this] { on_deadline(); });
  loop_.watch(reaps_.fd(), POLLIN, [this] {
    reaps_.drain();
    reap_ended();
    look_for_tracer();
  });
  if (samples_) {
    sampler_.emplace(cgroups_.all(), first(), record_.plan.poll);
    loop_.watch(sampler_->fd(), POLLIN, [this] { on_sample(); });
  } else {
    loop_.watch(looks_.fd(), POLLIN, [this] { on_look(); });
  }
  loop_.watch(ledger_->fd(), POLLIN, [this] {
    ledger_->on_timer();
    look_for_kill("timer");
  });
  if (record_.plan.timeout) deadline_.once(*record_.plan.timeout);
}

void Follower::watch(RunProcess& process) {
  const bool is_first = zero_ns_ == 0;
  if (is_first) begin();
  ledger_->add(process.child());
  if (is_first && judges_process()) {
    ledger_->set_main(process.child(), process.is_command());
  }
  loop_.watch(process.child().pidfd(), POLLIN,
              [this, &process] { on_end_of(process); });
  const int output = process.child().output_fd();
  if (output >= 0) {
    loop_.watch(output, POLLIN, [this, &process, output] {
      if (!take_output(process)) loop_.unwatch(output);
    });
  }
  note(EventKind::gate_opened, process.spec().name, "pipe");
  if (!is_first) return;
  zero_ns_ = record_.events.back().time_ns;
  sample();
}

bool Follower::stopped() const noexcept {
  return record_.evidence.deadline_passed || record_.evidence.interrupted_by;
}

void Follower::wait(const std::function<bool()>& reached) {
  loop_.run_until([&] { return stopped() || reached(); });
}

void Follower::wait_polling(const std::function<bool()>& reached) {
  TimerFd looks;
  looks.every(look_interval);
  loop_.watch(looks.fd(), POLLIN, [&] { looks.drain(); });
  wait(reached);
  loop_.unwatch(looks.fd());
}

void Follower::sample() {
  unless_removed([this] {
    if (sampler_) sampler_->sample();
    if (zero_ns_ != 0) ledger_->sample();
  });
}

void Follower::on_sample() {
  sample();
  if (notified_) look_for_kill("sample");
  const Evidence& evidence = record_.evidence;
  if (evidence.cgroup_removed || evidence.controller_removed) return;
  observer_.on_sample(sampler_->samples());
}

/// Calls `read()`, which may find a cgroup of the run gone. It must assign only
/// complete values: with g++ 12 a call writes its result in place, and an
/// exception may leave it half written.
template <typename Read>
void Follower::unless_removed(const Read& read) {
  try {
    read();
  } catch (const cgroupfs::FileError& error) {
    require_removal(error);
  }
}

std::optional<std::uint64_t> Follower::count_kills() {
  try {
    return cgroups_.top_memory().oom_kills();
  } catch (const cgroupfs::FileError& error) {
    require_removal(error);
    return std::nullopt;
  }
}

/// Throws `error` again, unless the reason is that a cgroup of the run is gone.
void Follower::require_removal(const cgroupfs::FileError& error) {
  if (!is_by_removal(error)) throw error;
}

bool Follower::is_by_removal(const cgroupfs::FileError& error) {
  if (!cgroupfs::is_absent(error.code().value()) || !is_removed()) return false;
  note_removal();
  return true;
}

/// An empty cgroup can be removed by any program that may write to its parent,
/// and so can the memory controller of any (v2). A hog must not continue
/// without its limit.
bool Follower::is_removed() const {
  return !cgroups_.are_there() ||
         (is_command(record_.plan) && !cgroups_.have_memory());
}

void Follower::note_removal() {
  Evidence& evidence = record_.evidence;
  if (evidence.cgroup_removed || evidence.controller_removed) return;
  const bool is_gone = !cgroups_.are_there();
  (is_gone ? evidence.cgroup_removed : evidence.controller_removed) = true;
  if (sampler_) loop_.unwatch(sampler_->fd());
  // The removal itself sends a notification.
  if (watch_) loop_.unwatch(watch_->fd());
  evidence.notifications.reset();
  note(EventKind::changed, "",
       is_gone ? "rmdir" : name_of(cgroupfs::File::cgroup_subtree_control));
}

void Follower::read_ledger() {
  ledger_->read();
}

bool Follower::is_frozen(const RunProcess& process) const {
  return why_held(process.record().pid).reason == HoldReason::frozen ||
         frozen_cgroup(cgroups_.first().cgroup, *placement_);
}

void Follower::notify_waiting(std::optional<HeldProcess> traced) {
  Waiting waiting;
  waiting.command = first().record();
  constexpr std::size_t most = 10;
  const cgroupfs::Cgroup& cgroup = cgroups_.first().cgroup;
  try {
    if (!traced) waiting.processes = held_in(cgroup, most);
    waiting.has_more = !traced && cgroup.subtree_processes().size() > most;
  } catch (const cgroupfs::FileError&) {
    // Its name stays unknown.
  }
  waiting.frozen_cgroup = frozen_cgroup(cgroup, *placement_);
  waiting.traced = std::move(traced);
  observer_.on_waiting(waiting);
}

void Follower::on_end_of(RunProcess& process) {
  if (!process.started() || process.ended() || !process.child().has_ended()) {
    return;
  }
  note_exit(process);
  if (process.try_reap()) return note_reaped(process);
  // A tracer has not read the status yet: until then the pidfd is readable
  // without meaning anything.
  reaps_.every(look_interval);
}

void Follower::note_exit(RunProcess& process) {
  if (!exits_.insert(process.spec().name).second) return;
  loop_.unwatch(process.child().pidfd());
  note(EventKind::process_exited, process.spec().name, "pidfd");
  // The values of a zombie are gone when it is reaped.
  if (judges_process() && &process == &first()) ledger_->read_zombie();
}

void Follower::note_reaped(RunProcess& process) {
  const ProcessRecord& end = process.record();
  ledger_->note_reaped(end.pid, end.exit_code, end.signal);
  if (end.signal) {
    note(EventKind::reaped, process.spec().name, signal_name(*end.signal));
  } else {
    note(EventKind::reaped, process.spec().name, "",
         fact(FactKind::exited_with, end.exit_code.value_or(0)));
  }
  note_end(process);
}

void Follower::note_end(RunProcess& process) {
  // A single hog is read once, with the counters after the run.
  if (!judges_process() || is_command(record_.plan)) {
    process.note_kills(ledger_->kills_around_main());
  }
  known_[process.spec().name]["ended_ms"] =
      static_cast<std::uint64_t>((monotonic_ns() - zero_ns_) / 1000000);
  log_->collect();
  if (judges_process() && &process == &first()) {
    log_at_end_ = log_->text().size();
  }
}

void Follower::reap_ended() {
  for (RunProcess& process : processes_) on_end_of(process);
}

void Follower::end(RunProcess& process) {
  on_end_of(process);
  if (!process.started() || process.ended()) return;
  if (is_held(process.record().pid)) return process.give_up();
  process.kill();
  const std::int64_t end_ns = monotonic_ns() + killed_timeout.count();
  std::optional<std::int64_t> unreaped_ns;
  while (monotonic_ns() < end_ns) {
    const bool has_ended = process.child().has_ended(held_interval);
    on_end_of(process);
    if (process.ended()) return;
    if (has_ended) {
      // A tracer has not reaped it yet.
      if (!unreaped_ns) unreaped_ns = monotonic_ns();
      if (monotonic_ns() >= *unreaped_ns + tracer_timeout.count()) break;
      std::this_thread::sleep_for(look_interval);
    } else if (waits_for_others(why_held(process.record().pid))) {
      break;
    }
  }
  give_up(process);
}

void Follower::look_for_tracer() {
  const RunProcess& main = first();
  if (tracer_reported_ || !main.started() || main.ended()) return;
  if (!main.child().has_ended()) return;
  if (!unreaped_ns_) unreaped_ns_ = monotonic_ns();
  if (monotonic_ns() < *unreaped_ns_ + waiting_delay.count()) return;
  tracer_reported_ = true;
  notify_waiting(why_held(main.record().pid));
}

void Follower::give_up(RunProcess& process) {
  note_one_held(why_held(process.record().pid));
  process.give_up();
  ledger_->skip_gap();
  if (process.ended()) note_end(process);
}

bool Follower::is_held(pid_t pid) const {
  const auto& held = record_.evidence.held;
  return std::any_of(held.begin(), held.end(), [pid](const HeldProcess& each) {
    return each.pid == pid;
  });
}

void Follower::note_one_held(HeldProcess held) {
  if (!is_held(held.pid)) record_.evidence.held.push_back(std::move(held));
}

void Follower::note_held(std::vector<HeldProcess> held) {
  for (HeldProcess& each : held) note_one_held(std::move(each));
}

void Follower::kill_inside() {
  const cgroupfs::Cgroup& group = cgroups_.first().cgroup;
  if (leave_if_inside(group, *placement_)) {
    record_.evidence.ledger.cglab_inside = true;
  }
  note_held(cgroups_.kill_inside());
  ledger_->skip_gap();
}

void Follower::on_notification() {
  const std::uint64_t count = watch_->drain();
  if (count == 0) {
    // A wake-up without an event: the cgroup is gone and would wake this up
    // forever.
    loop_.unwatch(watch_->fd());
    return;
  }
  note_notifications(count);
  // The victim will exit in a moment.
  read_ledger();
  look_for_kill(watch_->mechanism());
}

void Follower::note_notifications(std::uint64_t count) {
  auto& sum = record_.evidence.notifications;
  if (sum) *sum += count;
  if (count == 0) return;
  if (!notified_) {
    note(EventKind::notification, cgroups_.first().name, watch_->mechanism());
  }
  notified_ = true;
  looks_left_ = most_looks;
  if (!samples_) looks_.once(kill_interval);
}

/// v2 also notifies about events other than kills.
void Follower::on_look() {
  looks_.drain();
  look_for_kill("timer");
  if (!kill_seen_ && --looks_left_ > 0) looks_.once(kill_interval);
}

void Follower::on_signal() {
  // A process that has already ended is not interrupted.
  reap_ended();
  take_signals();
}

void Follower::take_signals() {
  while (const std::optional<Signal> signal = signals_.take_signal()) {
    handle_signal_(*signal);
  }
}

void Follower::note_before_end() {
  if (!judges_process()) return;
  const cgroupfs::Cgroup& own = cgroups_.first().cgroup;
  record_.evidence.frozen_cgroup = frozen_cgroup(own, *placement_);
  if (zero_ns_ != 0) ledger_->read_protection();
  auto& paths = record_.evidence.disabled_oom_killers;
  if (!paths.empty()) return;
  if (own.version() == cgroupfs::Version::v2) return;
  paths = disabled_oom_killers(own);
  for (std::string& path : ancestors_->disabled_oom_killers()) {
    paths.push_back(std::move(path));
  }
}

void Follower::on_deadline() {
  deadline_.drain();
  reap_ended();
  const bool is_empty = !first().is_command() || !cgroups_.populated();
  if (judges_process() && is_empty && first().started()) {
    // It ended in time, but its tracer has not reaped it.
    if (!first().ended() && first().child().has_ended()) give_up(first());
    if (first().ended()) return;
  }
  note_before_end();
  record_.evidence.deadline_passed = true;
  note(EventKind::deadline, "", "timerfd");
}

/// False at the end of the output.
bool Follower::take_output(RunProcess& process) {
  const auto text = process.read_output();
  if (text && !text->empty()) observer_.on_output(process.spec().name, *text);
  return text.has_value();
}

void Follower::look_for_kill(const std::string& source) {
  const auto& before = record_.evidence.before.oom_kills;
  if (kill_seen_ || !before) return;
  const auto kills = count_kills();
  if (!kills || *kills <= *before) return;
  kill_seen_ = true;
  note(EventKind::kill_seen, "", source);
  // The kernel's report is long, and the victim needs time to exit: values read
  // now need not be read later.
  log_->collect();
}

void Follower::mark(const std::string& name) {
  reap_ended();
  const std::int64_t now = monotonic_ns();
  const auto add = [&](const std::string& subject, Numbers numbers) {
    for (const auto& [key, number] : known_[subject]) numbers[key] = number;
    record_.readings.push_back({name, now, subject, std::move(numbers)});
  };
  for (const RunCgroup& cgroup : cgroups_.all()) {
    unless_removed(
        [&] { add(cgroup.name, read_numbers(cgroup, cgroups_.pids())); });
  }
  for (const RunProcess& process : processes_) {
    add(process.spec().name, process.numbers());
  }
  unless_removed([&] {
    add(all_cgroups, {{"oom_kills", cgroups_.top_memory().oom_kills()}});
  });
}

void Follower::finish() {
  for (RunProcess& process : processes_) {
    // The output of the hog's children is not waited for.
    while (const auto text = process.read_output()) {
      if (text->empty()) break;
      observer_.on_output(process.spec().name, *text);
    }
  }
  // The removal of a cgroup also sends a notification.
  if (is_removed()) note_removal();
  // The exit may be noticed first, and ends the wait.
  if (watch_) note_notifications(watch_->drain());
  if (sampler_) {
    // Processes that lived until the end were killed by this program: their
    // exit is not part of the usage.
    if (judges_process()) unless_removed([this] { sampler_->sample(); });
    record_.samples = sampler_->take();
  }
  if (zero_ns_ != 0) read_ledger();
  if (!judges_process() && !log_->readable()) ledger_->await_outlived();
  ledger_->finish();
  record_.samples.usage.resize(cgroups_.all().size());
  unless_removed([this] {
    const Counters after = read_all_counters();
    record_.evidence.after = after;
  });
  if (judges_process()) look_for_kill("process_exited");
  log_->collect();
  record_.processes.clear();
  for (const RunProcess& process : processes_) {
    record_.processes.push_back(process.record());
  }
  if (ancestors_) {
    record_.evidence.ancestors = ancestors_->finish();
    record_.evidence.all_ancestors_seen = ancestors_->complete();
    // Read last: it includes their events, and more.
    if (watch_) note_notifications(watch_->drain());
  }
  unless_removed([this] {
    const auto peak = read_peak(cgroups_.first().memory);
    record_.peak = peak;
  });
  // A program that may write the kernel's peak can reset it.
  const auto highest = peak_of(record_.samples);
  if (!record_.peak || (highest && highest->bytes > record_.peak->bytes)) {
    record_.peak = highest;
  }
  if (record_.peak && sampler_) record_.peak->split = sampler_->highest();
  unless_removed([this] {
    read_limits_at_end();
    read_descendants();
    read_shared_memory();
  });
  read_victims();
  make_times_relative();
}

/// The last value written to each file: earlier ones were replaced by the run
/// itself, as is that of memory.oom_control at its end.
void Follower::read_limits_at_end() {
  std::set<std::pair<std::string, std::string>> read;
  for (auto limit = record_.limits.rbegin(); limit != record_.limits.rend();
       ++limit) {
    const auto file = cgroupfs::file_named(limit->file);
    if (!file || *file == cgroupfs::File::memory_oom_control) continue;
    if (!read.insert({limit->cgroup, limit->file}).second) continue;
    if (*file == cgroupfs::File::pids_max) {
      const auto state = cgroups_.pids()->state();
      if (!state) continue;
      const auto& max = state->max;
      limit->at_end = max ? Limit::of(Bytes{*max}) : Limit::max();
    } else {
      limit->at_end = read_limit(cgroups_.at(limit->cgroup).memory, *file);
    }
  }
}

/// For a command: the files of a hog have no name, and disappear with it.
void Follower::read_shared_memory() {
  if (!judges_process() || !is_command(record_.plan) || zero_ns_ == 0) return;
  record_.evidence.shared_memory_left = read_shared_memory_left(
      cgroups_.first(), started_, record_.evidence.ledger);
}

/// v1 does not count in the cgroup whose limit was hit.
void Follower::read_descendants() {
  if (!judges_process() || !record_.evidence.after.local_events) return;
  add_descendants(cgroups_.first().cgroup.directory(),
                  record_.evidence.descendants);
}

/// OOM kills in the run's cgroups from the kernel log, with that of the first
/// process first. Waits a moment for as many as were counted, and for that of a
/// process that has received SIGKILL.
void Follower::read_victims() {
  Evidence& evidence = record_.evidence;
  if (!log_->readable()) {
    evidence.victims_absent_because =
        fact(FactKind::log_unreadable, log_->absent_because());
    return;
  }
  // Its records have both names, and the verdict searches for one.
  if (cgroups_.was_renamed()) {
    evidence.victims_absent_because = fact(FactKind::cgroup_renamed);
    return;
  }
  const ProcessRecord& main = main_process(record_);
  const std::uint64_t counted = oom_kills_in(record_).value_or(0);
  const bool was_killed = main.signal == SIGKILL && !main.ended_by_cglab;
  const std::uint64_t expected =
      std::max<std::uint64_t>(counted, was_killed ? 1 : 0);
  const std::int64_t deadline_ns = monotonic_ns() + log_timeout.count();
  std::vector<Victim>& victims = evidence.victims;
  for (;;) {
    log_->collect();
    FoundKills kills = find_kills(log_->text(), *name_, pids_in_log(record_),
                                  log_at_end_.value_or(std::string::npos));
    victims = std::move(kills.inside);
    evidence.unplaced_victims = std::move(kills.unplaced);
    evidence.later_victims = std::move(kills.later);
    const std::size_t logged =
        victims.size() + evidence.unplaced_victims.size();
    if (logged >= expected || monotonic_ns() >= deadline_ns) break;
    pollfd more{log_->fd(), POLLIN, 0};
    ::poll(&more, 1, 10);
  }
  evidence.kernel_log_complete = log_->complete();
  if (record_.environment.initial_pid_namespace) {
    for (const Victim& victim : victims) ledger_->note_logged_kill(victim.pid);
  }
  const auto first =
      std::find_if(victims.begin(), victims.end(), [&](const Victim& victim) {
        return record_.environment.initial_pid_namespace &&
               victim.pid == main.pid;
      });
  if (first != victims.end()) std::rotate(victims.begin(), first, first + 1);
  if (!victims.empty()) return;
  if (!log_->complete()) {
    evidence.victims_absent_because = fact(FactKind::log_records_lost);
  } else {
    evidence.victims_absent_because = fact(
        counted > 0 ? FactKind::log_rate_limited : FactKind::log_has_no_kill);
  }
}

void Follower::note(EventKind kind, std::string subject, std::string source,
                    std::optional<Fact> detail) {
  record_.events.push_back({monotonic_ns(), kind, std::move(subject),
                            std::move(source), std::move(detail)});
  observer_.on_event(record_.events.back());
}

void Follower::make_times_relative() {
  // No gate was opened.
  if (zero_ns_ == 0) zero_ns_ = monotonic_ns();
  for (Event& event : record_.events) event.time_ns -= zero_ns_;
  for (Reading& reading : record_.readings) reading.time_ns -= zero_ns_;
  for (std::int64_t& time : record_.samples.time_ns) time -= zero_ns_;
  for (std::int64_t& time : record_.samples.stat.time_ns) time -= zero_ns_;
  for (ProcessRecord& process : record_.processes) {
    if (process.last_touch_ns) *process.last_touch_ns -= zero_ns_;
  }
  if (record_.peak && record_.peak->split) {
    record_.peak->split->time_ns -= zero_ns_;
  }
  for (Member& member : record_.evidence.ledger.processes) {
    member.first_seen_ns -= zero_ns_;
    member.last_seen_ns -= zero_ns_;
  }
}

}  // namespace lab
