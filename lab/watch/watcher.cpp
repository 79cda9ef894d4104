// SPDX-License-Identifier: MIT
#include "lab/watch/watcher.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "cgroupfs/oom_watch.h"
#include "lab/os/namespaces.h"
#include "lab/os/poll_loop.h"
#include "lab/os/timer_fd.h"
#include "lab/run/kmsg.h"
#include "lab/watch/conclude.h"
#include "lab/watch/group_reader.h"
#include "lab/watch/kill_ledger.h"

namespace lab {
namespace {

using std::chrono::milliseconds;

/// The kernel raises the counter before it logs the victim: the longest delay
/// of the log.
constexpr milliseconds longest_log_delay(200);
/// The longest time until the end of the cgroup is detected, whatever the
/// interval.
constexpr milliseconds presence_interval(1000);

/// On v1 a notification would have to be registered by writing to a cgroup of
/// others.
std::optional<cgroupfs::OomWatch> try_wake_by(const cgroupfs::Cgroup& group) {
  if (group.version() == cgroupfs::Version::v1) return std::nullopt;
  return cgroupfs::OomWatch::open(group);
}

constexpr Message name_unknown(
    "the name of this cgroup in the kernel log is unknown (cgroup namespace)",
    "内核日志怎样称呼这个 cgroup 无从得知（cgroup 命名空间）");
constexpr Message not_named(
    "the kernel log does not name it (such reports are rate-limited)",
    "内核日志没有写明（这类记录有频率限制）");

/// Why victims in the cgroup cannot be recognised in the kernel log; nullopt
/// where they can.
std::optional<Text> why_no_victims(const KernelLog& log,
                                   const WatchTarget& target) {
  if (!log.readable()) {
    Text reason;
    reason.en = reason.zh = log.absent_because();
    return reason;
  }
  const bool is_top = target.path == target.hierarchy.mount_point;
  if (!is_top || in_initial_cgroup_namespace()) return std::nullopt;
  return name_unknown;
}

bool is_there(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

class Watcher {
 public:
  Watcher(WatchTarget& target, const WatchPlan& plan, const SignalFd& signals,
          WatchObserver& observer)
      : target_(target),
        plan_(plan),
        signals_(signals),
        observer_(observer),
        reader_(target),
        wake_(try_wake_by(reader_.group())) {}

  WatchEnd run();

 private:
  void start();
  void watch_all();
  void on_tick();
  void on_wake();
  void on_signal();
  void on_log_timeout();
  void on_presence();
  void take_sample();
  void report_limit_changes();
  void complete(WatchSample& sample);
  void look_for_kills();
  void read_counters();
  void look_around();
  void look_at_name();
  void on_process_end();
  KernelName kernel_name(const std::string& below = "") const;
  std::vector<CountedKills> counted();
  void report(const WatchedKill& kill);
  void settle();
  void finish(WatchEndReason reason);
  Moment now() const;

  WatchTarget& target_;
  const WatchPlan& plan_;
  const SignalFd& signals_;
  WatchObserver& observer_;
  GroupReader reader_;
  std::optional<cgroupfs::OomWatch> wake_;
  KernelLog log_;
  VictimReader victims_;
  std::optional<KillLedger> ledger_;
  std::optional<std::string> path_;  ///< from the kernel, as last read
  std::optional<Text> victims_absent_because_;
  std::optional<WatchSample> last_sample_;
  std::vector<LimitReading> last_limits_;
  TimerFd ticks_;
  TimerFd log_timeout_;
  TimerFd presence_;
  bool log_timeout_runs_ = false;
  PollLoop loop_;
  std::int64_t zero_ns_ = monotonic_ns();
  std::optional<WatchEndReason> ended_;
  WatchEnd end_;
};

WatchEnd Watcher::run() {
  start();
  if (!ended_) take_sample();
  watch_all();
  loop_.run_until([this] { return ended_.has_value(); });
  end_.reason = *ended_;
  if (end_.reason == WatchEndReason::reader_gone) return end_;
  look_around();
  look_for_kills();
  settle();
  end_.moment = now();
  end_.made_again =
      end_.reason == WatchEndReason::gone && is_there(target_.path);
  observer_.on_end(end_);
  return end_;
}

void Watcher::start() {
  WatchStart start;
  start.moment = now();
  start.path = target_.path;
  start.version = reader_.group().version();
  if (target_.process) start.pid = target_.process->pid();
  start.interval = plan_.interval;
  victims_absent_because_ = why_no_victims(log_, target_);
  start.victims_absent_because = victims_absent_because_;
  if (start.version == cgroupfs::Version::v1) {
    start.kills_missed_because = victims_absent_because_;
  }
  path_ = reader_.path_now();
  const auto counters = reader_.counters();
  observer_.on_start(start);
  if (!counters) return finish(WatchEndReason::gone);
  ledger_.emplace(kernel_name(), start.version, log_.readable());
}

void Watcher::watch_all() {
  ticks_.every(plan_.interval);
  loop_.watch(signals_.fd(), POLLIN, [this] { on_signal(); });
  if (plan_.reader_fd >= 0) {
    loop_.watch(plan_.reader_fd, 0,
                [this] { finish(WatchEndReason::reader_gone); });
  }
  if (wake_) {
    loop_.watch(wake_->fd(), wake_->poll_events(), [this] { on_wake(); });
  }
  if (log_.readable()) {
    loop_.watch(log_.fd(), POLLIN, [this] { look_for_kills(); });
  }
  loop_.watch(log_timeout_.fd(), POLLIN, [this] { on_log_timeout(); });
  loop_.watch(ticks_.fd(), POLLIN, [this] { on_tick(); });
  // The removal of a v1 cgroup does not wake this, nor, rarely, that of a v2
  // one.
  presence_.every(presence_interval);
  loop_.watch(presence_.fd(), POLLIN, [this] { on_presence(); });
  if (target_.process && target_.process->fd() >= 0) {
    loop_.watch(target_.process->fd(), POLLIN, [this] { on_process_end(); });
  }
}

void Watcher::on_presence() {
  presence_.drain();
  if (ended_) return;
  if (!reader_.group().has(cgroupfs::File::cgroup_procs)) {
    return finish(WatchEndReason::gone);
  }
  look_around();
}

void Watcher::on_process_end() {
  loop_.unwatch(target_.process->fd());
  look_around();
}

void Watcher::on_tick() {
  ticks_.drain();
  if (!ended_) take_sample();
}

void Watcher::on_wake() {
  if (ended_) return;
  if (!wake_->drain()) return finish(WatchEndReason::gone);
  look_for_kills();
}

void Watcher::on_signal() {
  const auto number = signals_.take();
  if (!number || ended_) return;
  end_.signal = number;
  finish(WatchEndReason::interrupted);
}

void Watcher::on_log_timeout() {
  log_timeout_.drain();
  log_timeout_runs_ = false;
  look_for_kills();
  settle();
}

void Watcher::take_sample() {
  look_around();
  auto sample = reader_.sample();
  if (!sample) return finish(WatchEndReason::gone);
  report_limit_changes();
  look_for_kills();
  complete(*sample);
  observer_.on_sample(*sample);
  last_sample_ = std::move(sample);
  if (plan_.count && end_.samples >= *plan_.count) {
    finish(WatchEndReason::count_reached);
  }
}

void Watcher::report_limit_changes() {
  for (const LimitChange& change :
       limit_changes(last_limits_, reader_.limits())) {
    ++end_.limit_changes;
    observer_.on_limit_change(now(), change);
  }
  last_limits_ = reader_.limits();
}

void Watcher::complete(WatchSample& sample) {
  sample.moment = now();
  ++end_.samples;
  end_.highest_usage =
      std::max(end_.highest_usage.value_or(Bytes{}), sample.usage);
  end_.peak = sample.peak;
  if (!last_sample_) return;
  sample.growth = growth(last_sample_->counters, sample.counters);
  const auto time = sample.moment.elapsed - last_sample_->moment.elapsed;
  const double grown = static_cast<double>(sample.usage.count) -
                       static_cast<double>(last_sample_->usage.count);
  if (time.count() > 0) {
    sample.rate = grown * 1e9 / static_cast<double>(time.count());
  }
}

/// First the log, then the counter, which is raised before the log is written:
/// so a victim is never reported before it is counted.
void Watcher::look_for_kills() {
  if (!ledger_) return;
  log_.collect();
  read_counters();
  const auto logged = victims_.read(log_.take());
  const auto twice = victims_.take_repeated();
  for (const WatchedKill& kill : ledger_->update(logged, counted(), twice)) {
    report(kill);
  }
  if (ledger_->owed() == 0 || log_timeout_runs_) return;
  if (victims_absent_because_) return settle();
  log_timeout_.once(longest_log_delay);
  log_timeout_runs_ = true;
}

/// With the peak: the cgroup may be gone at the next sample.
void Watcher::read_counters() {
  const auto counters = reader_.counters();
  if (!counters) return finish(WatchEndReason::gone);
  if (const auto peak = reader_.peak()) end_.peak = peak;
  observer_.on_counters(*counters, end_.peak);
}

std::vector<CountedKills> Watcher::counted() {
  std::vector<CountedKills> counted;
  for (const KillCount& more : reader_.take_kills()) {
    counted.push_back({kernel_name(more.below), more.kills, more.group_kills});
  }
  return counted;
}

KernelName Watcher::kernel_name(const std::string& below) const {
  return KernelName::of(target_.path + below, target_.hierarchy);
}

/// First the name: with it the path of the process' cgroup has changed.
void Watcher::look_around() {
  look_at_name();
  if (!target_.process) return;
  const auto change = target_.process->look(target_.path);
  if (change) observer_.on_process_change(now(), *change);
}

void Watcher::look_at_name() {
  const auto path = reader_.path_now();
  if (!path || path == path_ ||
      !path->starts_with(target_.hierarchy.mount_point)) {
    return;
  }
  if (!reader_.reopen({target_.hierarchy, *path, std::nullopt})) return;
  const GroupRename rename{target_.path, *path};
  observer_.on_rename(now(), rename);
  path_ = path;
  target_.path = *path;
  if (target_.process) target_.process->note_rename(rename);
  if (ledger_) ledger_->rename(kernel_name());
}

void Watcher::report(const WatchedKill& kill) {
  end_.oom_kills += kill.count;
  observer_.on_kill(now(), kill);
}

void Watcher::settle() {
  if (!ledger_) return;
  const auto kill =
      ledger_->settle(victims_absent_because_.value_or(Text(not_named)));
  if (kill) report(*kill);
}

void Watcher::finish(WatchEndReason reason) {
  if (!ended_) ended_ = reason;
}

Moment Watcher::now() const {
  return {std::chrono::system_clock::now(),
          nanoseconds(monotonic_ns() - zero_ns_)};
}

}  // namespace

WatchEnd watch(WatchTarget target, const WatchPlan& plan,
               const SignalFd& signals, WatchObserver& observer) {
  return Watcher(target, plan, signals, observer).run();
}

}  // namespace lab
