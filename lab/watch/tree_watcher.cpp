// SPDX-License-Identifier: MIT
#include "lab/watch/tree_watcher.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "cgroupfs/directory.h"
#include "cgroupfs/mountinfo.h"
#include "lab/os/namespaces.h"
#include "lab/os/poll_loop.h"
#include "lab/os/timer_fd.h"
#include "lab/place/cgroup_path.h"
#include "lab/place/kernel_name.h"
#include "lab/place/memory_access.h"
#include "lab/report/terminal.h"
#include "lab/run/kmsg.h"
#include "lab/watch/watch_messages.h"

namespace lab {
namespace {

namespace messages = watch_messages;

using cgroupfs::Version;
using std::chrono::milliseconds;

/// What is open twice at this distance is settled: the kernel log is not later.
constexpr milliseconds settle_delay(300);
/// Between two looks at the processes of new cgroups.
constexpr milliseconds young_interval(4);
/// v1 without a readable log: nothing else wakes at a kill.
constexpr milliseconds host_interval(10);
/// Of readings that cost more than the usage.
constexpr milliseconds slow_interval(1000);

class TreeWatcher {
 public:
  TreeWatcher(const WatchTarget& target, const TreePlan& plan,
              const SignalFd& signals,
              const std::vector<TreeObserver*>& observers)
      : plan_(plan),
        signals_(signals),
        observers_(observers),
        hierarchy_(target.hierarchy),
        tree_(target.hierarchy, target.path),
        kills_(target.hierarchy.version, tree_.is_whole(), log_.readable(),
               [this](const std::string& path) { return tree_.has(path); }) {}

  TreeEnd run();

 private:
  void start();
  void watch_all();
  void on_tick();
  void on_slow();
  void on_tree();
  void on_young();
  void on_host();
  void on_settle();
  void on_signal();
  void follow_tree();
  void look_for_kills();
  void tell_end();
  std::vector<LoggedVictim> read_log();
  LoggedVictim locate(Victim victim) const;
  std::optional<std::string> path_of(
      const std::optional<std::string>& memcg) const;
  void report(const TreeKill& kill);
  void settle();
  void await_settling();
  void sample();
  void finish(WatchEndReason reason);
  Moment now() const;
  template <typename Tell>
  void tell(const Tell& tell_one);
  template <typename Tell>
  bool reach(TreeObserver& observer, const Tell& tell_one);
  bool is_v1() const { return hierarchy_.version == Version::v1; }

  const TreePlan& plan_;
  const SignalFd& signals_;
  std::vector<TreeObserver*> observers_;
  const cgroupfs::Hierarchy hierarchy_;
  std::int64_t zero_ns_ = monotonic_ns();
  KernelLog log_;  // before the tree is read: no kill is in neither
  VictimReader victims_;
  CgroupTree tree_;
  TreeKills kills_;
  Text reason_;  ///< why a victim is unknown
  TimerFd ticks_;
  TimerFd slow_;
  TimerFd young_;
  TimerFd host_;
  TimerFd settle_;
  bool young_runs_ = false;
  bool settle_runs_ = false;
  PollLoop loop_;
  std::optional<WatchEndReason> ended_;
  TreeEnd end_;
};

/// One whose reader is gone hears no more; the others hear everything.
template <typename Tell>
void TreeWatcher::tell(const Tell& tell_one) {
  std::erase_if(observers_,
                [&](TreeObserver* each) { return !reach(*each, tell_one); });
}

/// False: its reader is gone.
template <typename Tell>
bool TreeWatcher::reach(TreeObserver& observer, const Tell& tell_one) {
  try {
    tell_one(observer);
    return true;
  } catch (const ReaderGone&) {
  } catch (const TerminalGone&) {
  }
  finish(WatchEndReason::reader_gone);
  return false;
}

/// What the log says is of use only where it is readable.
std::optional<Text> why_no_victims_in_tree(const KernelLog& log) {
  if (log.readable()) return std::nullopt;
  Text reason;
  reason.en = reason.zh = log.absent_because();
  return reason;
}

/// Whether memory.events counts only the cgroup itself: a mount option since
/// Linux 5.2 (Documentation/admin-guide/cgroup-v2.rst).
bool has_local_events_only(const std::string& mount_point) {
  const auto text = cgroupfs::try_read_file("/proc/self/mountinfo");
  if (!text) return false;
  const auto mounts = cgroupfs::parse_mountinfo(*text);
  return std::any_of(mounts.begin(), mounts.end(), [&](const auto& mount) {
    const auto& options = mount.super_options;
    return mount.mount_point == mount_point &&
           std::find(options.begin(), options.end(), "memory_localevents") !=
               options.end();
  });
}

std::optional<Text> why_kills_are_missed(const TreeStart& start,
                                         bool is_whole) {
  if (start.version == Version::v2) {
    if (has_local_events_only(start.mount_point)) {
      return Text(messages::local_events_only);
    }
    if (!start.victims_absent_because) return std::nullopt;
    return Text(messages::group_kills_uncertain);
  }
  if (start.victims_absent_because) {
    return is_whole ? Text(messages::gone_kills_without_cgroup)
                    : Text(messages::gone_kills_missed);
  }
  return is_whole ? Text(messages::some_kills_without_cgroup)
                  : Text(messages::some_kills_missed);
}

TreeEnd TreeWatcher::run() {
  start();
  watch_all();
  if (!ended_) sample();
  loop_.run_until([this] { return ended_.has_value(); });
  end_.reason = *ended_;
  // The second reading confirms what the first has left open.
  look_for_kills();
  look_for_kills();
  for (const TreeKill& kill :
       kills_.finish(reason_, end_.reason == WatchEndReason::gone)) {
    report(kill);
  }
  end_.totals.unplaced = kills_.unplaced();
  end_.totals.created = tree_.created();
  end_.moment = now();
  tell_end();
  return end_;
}

/// A log that cannot be written must not keep the others from the end.
void TreeWatcher::tell_end() {
  std::exception_ptr failure;
  tell([&](TreeObserver& each) {
    try {
      each.on_end(end_, tree_);
    } catch (const cgroupfs::FileError&) {
      if (!failure) failure = std::current_exception();
    }
  });
  if (failure) std::rethrow_exception(failure);
}

void TreeWatcher::start() {
  TreeStart start;
  start.moment = now();
  start.path = tree_.top().path;
  start.mount_point = hierarchy_.mount_point;
  start.version = hierarchy_.version;
  start.interval = plan_.interval;
  start.cgroups = tree_.size();
  start.victims_absent_because = why_no_victims_in_tree(log_);
  reason_ = start.victims_absent_because.value_or(
      Text(messages::victim_not_singled_out));
  start.kills_missed_because = why_kills_are_missed(start, tree_.is_whole());
  if (!tree_.blind_because().empty()) {
    Text reason;
    reason.en = reason.zh = tree_.blind_because();
    start.cgroups_missed_because = reason;
  }
  tell([&](TreeObserver& each) { each.on_start(start, tree_); });
}

void TreeWatcher::watch_all() {
  loop_.watch(signals_.fd(), POLLIN, [this] { on_signal(); });
  if (plan_.reader_fd >= 0) {
    loop_.watch(plan_.reader_fd, 0,
                [this] { finish(WatchEndReason::reader_gone); });
  }
  if (tree_.fd() >= 0) loop_.watch(tree_.fd(), POLLIN, [this] { on_tree(); });
  if (log_.readable()) {
    loop_.watch(log_.fd(), POLLIN, [this] { look_for_kills(); });
  } else if (is_v1()) {
    host_.every(host_interval);
    loop_.watch(host_.fd(), POLLIN, [this] { on_host(); });
  }
  loop_.watch(settle_.fd(), POLLIN, [this] { on_settle(); });
  loop_.watch(young_.fd(), POLLIN, [this] { on_young(); });
  slow_.every(slow_interval);
  loop_.watch(slow_.fd(), POLLIN, [this] { on_slow(); });
  ticks_.every(plan_.interval);
  loop_.watch(ticks_.fd(), POLLIN, [this] { on_tick(); });
  for (TreeObserver* each : observers_) {
    if (each->input() < 0) continue;
    loop_.watch(each->input(), POLLIN, [this, each] {
      reach(*each, [this](TreeObserver& observer) {
        if (!observer.on_input(tree_)) finish(WatchEndReason::quit);
      });
    });
  }
}

void TreeWatcher::on_tick() {
  ticks_.drain();
  if (!ended_) sample();
}

void TreeWatcher::on_slow() {
  slow_.drain();
  if (ended_) return;
  if (!tree_.exists()) return finish(WatchEndReason::gone);
  look_for_kills();
  tree_.read_slow(now().elapsed);
}

/// On v2 it may be a counter.
void TreeWatcher::on_tree() {
  if (is_v1()) {
    follow_tree();
  } else {
    look_for_kills();
  }
}

void TreeWatcher::on_young() {
  young_.drain();
  young_runs_ = false;
  follow_tree();
}

void TreeWatcher::on_host() {
  host_.drain();
  look_for_kills();
}

void TreeWatcher::on_settle() {
  settle_.drain();
  settle_runs_ = false;
  look_for_kills();
  settle();
  await_settling();
}

void TreeWatcher::on_signal() {
  const auto number = signals_.take();
  if (!number || ended_) return;
  end_.signal = number;
  finish(WatchEndReason::interrupted);
}

void TreeWatcher::follow_tree() {
  const Moment moment = now();
  for (const TreeChange& change : tree_.update(moment.elapsed)) {
    tell([&](TreeObserver& each) { each.on_change(moment, change); });
  }
  if (tree_.look_at_young(moment.elapsed) && !young_runs_) {
    young_.once(young_interval);
    young_runs_ = true;
  }
}

void TreeWatcher::sample() {
  const Moment moment = now();
  ++end_.totals.samples;
  end_.totals.created = tree_.created();
  tell([&](TreeObserver& each) { each.on_sample(moment, tree_, end_.totals); });
  if (plan_.count && end_.totals.samples >= *plan_.count) {
    finish(WatchEndReason::count_reached);
  }
}

/// First new cgroups, so that their kills are not taken for those of removed
/// ones. Then the log: a kill is counted before it is logged.
void TreeWatcher::look_for_kills() {
  follow_tree();
  auto logged = read_log();
  for (const TreeKill& kill :
       kills_.update(std::move(logged), tree_.read_kills(kills_.is_open()))) {
    report(kill);
  }
  await_settling();
}

void TreeWatcher::await_settling() {
  if (settle_runs_ || (!kills_.is_open() && !tree_.has_open_kills())) return;
  settle_.once(settle_delay);
  settle_runs_ = true;
}

std::vector<LoggedVictim> TreeWatcher::read_log() {
  std::vector<LoggedVictim> logged;
  log_.collect();
  for (Victim& victim : victims_.read(log_.take())) {
    logged.push_back(locate(std::move(victim)));
  }
  for (Victim& victim : victims_.take_repeated()) {
    logged.push_back(locate(std::move(victim)));
    logged.back().is_repeated = true;
  }
  return logged;
}

/// A path of the kernel log as one below the mount point; nullopt where it may
/// be truncated, or is that of another cgroup namespace.
std::optional<std::string> TreeWatcher::path_of(
    const std::optional<std::string>& memcg) const {
  if (!memcg || may_be_cut(*memcg) || !in_initial_cgroup_namespace()) {
    return std::nullopt;
  }
  return cgroupfs::rebase(unescaped_log_text(*memcg), hierarchy_.mount_root);
}

LoggedVictim TreeWatcher::locate(Victim victim) const {
  LoggedVictim logged;
  logged.limit_of = path_of(victim.oom_memcg);
  if (!logged.limit_of) logged.limit_of = victim.oom_memcg;
  const bool is_named = victim.task_memcg && !may_be_cut(*victim.task_memcg) &&
                        in_initial_cgroup_namespace();
  const auto path = path_of(victim.task_memcg);
  if (is_named && (!path || !is_in_tree(*path, tree_.top().path))) {
    logged.is_outside = true;
  } else if (path && victim.constraint) {
    logged.place = {*path, true, PlaceSource::kernel_log};
  } else if (in_initial_pid_namespace()) {
    // Without a constraint the log names at most a group that was killed
    // together. Elsewhere its pids are of another namespace.
    const Sighting* const seen = tree_.sighting(victim.pid);
    if (seen && (!path || is_in_tree(seen->path, *path))) {
      logged.place = {seen->path, true, PlaceSource::process_list};
    }
  }
  logged.victim = std::move(victim);
  return logged;
}

void TreeWatcher::report(const TreeKill& kill) {
  const Moment moment = now();
  TreeTotals& totals = end_.totals;
  totals.kills += kill.count;
  if (kill.place.exact) totals.with_cgroup += kill.count;
  if (kill.victim) totals.with_victim += kill.count;
  tree_.add_kills(kill.place.path, kill.count, moment.elapsed);
  tell([&](TreeObserver& each) { each.on_kill(moment, kill); });
}

void TreeWatcher::settle() {
  for (const TreeKill& kill : kills_.settle(reason_)) report(kill);
  end_.totals.unplaced = kills_.unplaced();
}

void TreeWatcher::finish(WatchEndReason reason) {
  if (!ended_) ended_ = reason;
}

Moment TreeWatcher::now() const {
  return {std::chrono::system_clock::now(),
          nanoseconds(monotonic_ns() - zero_ns_)};
}

}  // namespace

WatchTarget find_watch_tree(const std::string& argument,
                            const cgroupfs::HostFiles& files) {
  if (!argument.empty()) {
    const cgroupfs::Hierarchy hierarchy = memory_hierarchy(files);
    const auto path = find_cgroup_directory(argument, hierarchy);
    if (path && *path == hierarchy.mount_point) {
      return {hierarchy, *path, std::nullopt};
    }
    return find_watch_target(argument, files);
  }
  const cgroupfs::Hierarchy hierarchy = memory_hierarchy(files);
  return {hierarchy, hierarchy.mount_point, std::nullopt};
}

TreeEnd watch_tree(const WatchTarget& target, const TreePlan& plan,
                   const SignalFd& signals,
                   const std::vector<TreeObserver*>& observers) {
  return TreeWatcher(target, plan, signals, observers).run();
}

}  // namespace lab
