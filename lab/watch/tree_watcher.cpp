// SPDX-License-Identifier: MIT
#include "lab/watch/tree_watcher.h"

#include <algorithm>
#include <utility>

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

/// The longest delay of the kernel log after a counter.
constexpr milliseconds settle_delay(200);
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
        kills_(tree_.top().path, target.hierarchy.version) {}

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
  std::vector<LoggedVictim> read_log();
  LoggedVictim locate(Victim victim) const;
  std::optional<std::string> path_of(const std::string& memcg) const;
  void report(const TreeKill& kill);
  void settle();
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
  std::optional<Text> victims_absent_because_;
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

std::optional<Text> why_kills_are_missed(const TreeStart& start) {
  if (start.version == Version::v2) return std::nullopt;
  const bool is_whole = start.path == "/";
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
  follow_tree();
  look_for_kills();
  settle();
  end_.moment = now();
  end_.totals.created = tree_.created();
  tell([this](TreeObserver& each) { each.on_end(end_, tree_); });
  return end_;
}

void TreeWatcher::start() {
  TreeStart start;
  start.moment = now();
  start.path = tree_.top().path;
  start.mount_point = hierarchy_.mount_point;
  start.version = hierarchy_.version;
  start.interval = plan_.interval;
  start.cgroups = tree_.size();
  victims_absent_because_ = why_no_victims_in_tree(log_);
  start.victims_absent_because = victims_absent_because_;
  start.kills_missed_because = why_kills_are_missed(start);
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
  follow_tree();
  look_for_kills();
  tree_.read_slow(now().elapsed);
}

/// On v2 it may be a counter.
void TreeWatcher::on_tree() {
  follow_tree();
  if (!is_v1()) look_for_kills();
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

/// First the log: a kill is counted before it is logged.
void TreeWatcher::look_for_kills() {
  const auto logged = read_log();
  for (const TreeKill& kill :
       kills_.update(logged, tree_.read_kills(kills_.is_open()))) {
    report(kill);
  }
  if (!kills_.is_open() || settle_runs_) return;
  settle_.once(settle_delay);
  settle_runs_ = true;
}

std::vector<LoggedVictim> TreeWatcher::read_log() {
  std::vector<LoggedVictim> logged;
  log_.collect();
  for (Victim& victim : victims_.read(log_.take())) {
    logged.push_back(locate(std::move(victim)));
  }
  return logged;
}

/// A path of the kernel log as one of the tree; nullopt where it may be
/// truncated, or is that of another cgroup namespace.
std::optional<std::string> TreeWatcher::path_of(
    const std::string& memcg) const {
  if (may_be_cut(memcg) || !in_initial_cgroup_namespace()) return std::nullopt;
  return cgroupfs::rebase(memcg, hierarchy_.mount_root);
}

LoggedVictim TreeWatcher::locate(Victim victim) const {
  LoggedVictim logged{std::move(victim), std::nullopt, false};
  const Victim& known = logged.victim;
  if (known.task_memcg && in_initial_cgroup_namespace() &&
      !may_be_cut(*known.task_memcg)) {
    const auto path = path_of(unescaped_path(*known.task_memcg));
    logged.is_outside = !path || !is_within(*path, tree_.top().path);
    if (path) logged.place = {*path, true, PlaceSource::kernel_log};
    return logged;
  }
  // Elsewhere the pids of the log are of another namespace.
  const Sighting* const seen =
      in_initial_pid_namespace() ? tree_.sighting(known.pid) : nullptr;
  if (seen) logged.place = {seen->path, true, PlaceSource::process_list};
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
  const Text reason =
      victims_absent_because_.value_or(Text(messages::victim_not_singled_out));
  for (const TreeKill& kill : kills_.settle(reason)) report(kill);
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
