// SPDX-License-Identifier: MIT
#include "lab/classroom/follow.h"

#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <utility>

#include "lab/base/errors.h"
#include "lab/classroom/hints.h"
#include "lab/classroom/write_watch.h"
#include "lab/os/namespaces.h"
#include "lab/os/poll_loop.h"
#include "lab/os/timer_fd.h"
#include "lab/place/memory_access.h"
#include "lab/run/kmsg.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Hierarchy;

constexpr nanoseconds look_interval = std::chrono::milliseconds(50);
/// A search of the whole hierarchy is not for every look.
constexpr unsigned looks_between_searches = 20;
const std::string procs_file = name_of(File::cgroup_procs);
const std::string tasks_file = name_of(File::tasks, cgroupfs::Version::v1);
constexpr nanoseconds log_timeout = std::chrono::milliseconds(200);

/// Hints on something that happens while the student waits; the others are on
/// steps still to be done, which the student knows.
bool is_shown_unasked(const std::string& id) {
  static const std::set<std::string> ids = {
      "begin-again",     "charges-stay",  "ebusy",
      "killed-by-hand",  "limit-above",   "limit-differs",
      "no-peak",         "not-delegated", "oom-disabled",
      "other-hierarchy", "other-limit",   "own-shell",
      "plain-directory", "swap",          "throttled",
      "undetermined",    "v1-path-on-v2"};
  return ids.contains(id);
}

class ExerciseWatch {
 public:
  ExerciseWatch(const GradingPlan& plan, const SignalFd& signals,
                FollowObserver& observer)
      : plan_(plan),
        hierarchy_(memory_hierarchy()),
        parent_(find_ready_parent()),
        signals_(signals),
        observer_(observer) {}

  FollowEnd run(std::optional<nanoseconds> timeout);

 private:
  ExerciseEvidence read(const Writes& written);
  std::optional<std::string> search() const;
  bool is_search_due() const { return looks_ % looks_between_searches == 0; }
  bool has_better() const;
  bool is_gone() const;
  bool see(const GroupEvidence& group, const Writes& written);
  std::vector<std::string> ancestors_hit(const GroupEvidence& group) const;
  void note_low(const GroupEvidence& group, bool rose);
  bool own_limit_hit(const GroupEvidence& group) const;
  void read_log(const GroupEvidence& group, bool rose);
  void start_at(const std::string& directory);
  void restart();
  void look();
  void take_steps(const Grade& now);
  void report_next(const Grade& now);
  void report_hints(const Grade& now);
  void report_refused(const Grade& now, const std::set<std::string>& written);
  void report(const std::optional<Hint>& hint);

  const GradingPlan& plan_;
  Hierarchy hierarchy_;
  std::optional<std::string> parent_;
  const SignalFd& signals_;
  FollowObserver& observer_;
  WriteWatch writes_;
  Writes late_;  ///< during the reads of the last look
  KernelLog log_{KernelLog::From::beginning};
  VictimReader victims_;
  bool all_placed_ = true;  ///< each kill of the log has its cgroup
  LoggedKills logged_;
  std::optional<std::string> directory_;
  ino_t inode_ = 0;  ///< of the directory; a new one has another
  Seen seen_;
  std::optional<GroupEvidence> first_;   ///< when the cgroup was found
  std::optional<GroupEvidence> before_;  ///< at the previous look
  /// The last look with usage far below the limit; if none, the first.
  std::optional<GroupEvidence> low_;
  bool limit_changed_ = false;  ///< since its file was last closed
  Program program_;
  unsigned looks_ = 0;
  bool started_ = false;
  Grade grade_;
  std::optional<CheckId> next_;
  std::set<std::string> reported_;
  FollowEnd end_;
};

bool is_far_below_limit(const GroupEvidence& group) {
  return !group.limit || group.limit->is_max() ||
         group.usage.count < group.limit->bytes().count / 2;
}

ino_t inode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

std::optional<std::string> ExerciseWatch::search() const {
  const std::string& group = plan_.assignment.group;
  if (auto found = find_group_nearby(group, hierarchy_)) return found;
  return is_search_due() ? find_group(group, hierarchy_) : std::nullopt;
}

/// Whether another cgroup is now the one that a search would find: the
/// student's own after root's, or one nearer to this process.
bool ExerciseWatch::has_better() const try {
  if (!directory_ || !is_search_due()) return false;
  const auto found = find_group(plan_.assignment.group, hierarchy_);
  return found && *found != *directory_;
} catch (const UsageError&) {
  return false;  // Several candidates, and none is better.
}

void ExerciseWatch::start_at(const std::string& directory) {
  directory_ = directory;
  inode_ = inode_of(directory);
  writes_.watch(directory);
}

void ExerciseWatch::restart() {
  directory_.reset();
  logged_ = LoggedKills();
  seen_ = Seen();
  first_.reset();
  before_.reset();
  low_.reset();
  limit_changed_ = false;
  late_ = Writes();
  reported_.clear();
  grade_ = Grade();
  next_.reset();
  observer_.on_restart();
}

bool ExerciseWatch::is_gone() const {
  return directory_ && inode_of(*directory_) != inode_;
}

ExerciseEvidence ExerciseWatch::read(const Writes& written) {
  if (is_gone() || has_better()) {
    restart();
    return look_at_directory(hierarchy_, std::nullopt);
  }
  if (!directory_) {
    if (const auto found = search()) start_at(*found);
  }
  ExerciseEvidence evidence = look_at_directory(hierarchy_, directory_);
  if (evidence.group) {
    const bool rose = see(*evidence.group, written);
    read_log(*evidence.group, rose);
  }
  evidence.logged = logged_;
  evidence.seen = seen_;
  evidence.parent = parent_;
  if (looks_ % looks_between_searches == 0) {
    program_ = find_exercise_program(
        hierarchy_.version, evidence.group ? evidence.group->processes
                                           : std::vector<GroupProcess>());
    if (!directory_) {
      evidence.misplaced = find_misplaced(plan_.assignment.group, hierarchy_);
    }
  }
  evidence.program = program_;
  return evidence;
}

/// Notes what no file shows afterwards, and whether oom_kill rose. The limit at
/// a kill is known where it was the same before and after, and not written
/// meanwhile.
bool ExerciseWatch::see(const GroupEvidence& group, const Writes& written) {
  late_ = writes_.take();
  const auto was_written = [&](const std::string& file) {
    return written.may_have(file) || late_.may_have(file);
  };
  seen_.procs_written |=
      written.ended.contains(procs_file) || written.ended.contains(tasks_file);
  seen_.process |= !group.processes.empty();
  seen_.usage = std::max(seen_.usage, group.usage);
  if (!first_) first_ = group;
  const std::uint64_t kills = group.oom_kills.value_or(0);
  const std::uint64_t known = before_ ? before_->oom_kills.value_or(0) : kills;
  if (kills > known) {
    const bool steady =
        writes_.fd() >= 0 && before_->limit == group.limit &&
        !was_written(name_of(File::memory_max, hierarchy_.version));
    seen_.kills.insert(seen_.kills.end(), kills - known,
                       {steady ? group.limit : std::nullopt,
                        ancestors_hit(group), own_limit_hit(group)});
  }
  note_low(group, kills > known);
  limit_changed_ |= before_ && before_->limit != group.limit;
  before_ = group;
  return kills > known;
}

/// A look is not atomic, and usage may reach the limit during its reads: usage
/// was low at a look only if it is low at the next one as well, with no kill in
/// between.
void ExerciseWatch::note_low(const GroupEvidence& group, bool rose) {
  if (!low_) low_ = group;
  if (before_ && !rose && is_far_below_limit(*before_) &&
      is_far_below_limit(group)) {
    low_ = before_;
  }
}

/// An OOM kill takes a while: the counter of hits rises several looks before
/// oom_kill. On v1 page cache hits the limit as well, and is reclaimed before a
/// kill.
bool ExerciseWatch::own_limit_hit(const GroupEvidence& group) const {
  const bool is_cache = hierarchy_.version == cgroupfs::Version::v1 &&
                        group.limit && !group.limit->is_max() &&
                        has_much_cache(group, group.limit->bytes());
  return was_hit_between(*low_, group, hierarchy_.version) && !is_cache;
}

/// Ancestors hit since the cgroup was found; one whose counter cannot be read
/// may have been.
std::vector<std::string> ExerciseWatch::ancestors_hit(
    const GroupEvidence& group) const {
  std::vector<std::string> paths;
  for (const HitAncestor& now : group.ancestors_hit) {
    const bool old = std::any_of(
        first_->ancestors_hit.begin(), first_->ancestors_hit.end(),
        [&](const HitAncestor& then) {
          return then.path == now.path && now.hits && then.hits == now.hits;
        });
    if (!old) paths.push_back(now.path);
  }
  return paths;
}

/// The kernel raises the counter a moment before it logs the victim, and the
/// log may name another limit.
void ExerciseWatch::read_log(const GroupEvidence& group, bool rose) {
  // Elsewhere the kernel's names and those here share only their ends.
  if (!in_initial_cgroup_namespace()) return;
  const std::int64_t deadline_ns = monotonic_ns() + log_timeout.count();
  const KernelName name = KernelName::of(group.path, hierarchy_);
  do {
    log_.collect();
    const std::vector<Victim> victims = victims_.read(log_.take());
    for (const Victim& victim : victims) {
      all_placed_ = all_placed_ && victim.task_memcg.has_value();
    }
    logged_.complete = log_.complete() && all_placed_;
    if (note_kills(victims, name, logged_)) return;
    pollfd log{log_.fd(), POLLIN, 0};
    if (rose && log_.readable()) ::poll(&log, 1, 10);
  } while (rose && log_.readable() && monotonic_ns() < deadline_ns);
}

void ExerciseWatch::take_steps(const Grade& now) {
  for (std::size_t i = 0; i < now.results.size(); ++i) {
    const CheckResult& result = now.results[i];
    const bool before = i < grade_.results.size() && grade_.results[i].passed;
    if (result.passed && !before && started_) observer_.on_step(result);
    if (!result.passed && before) observer_.on_lost(result);
  }
}

/// Creating the cgroup is one step, setting its limit another. Commands of a
/// hint that was reported are not repeated.
void ExerciseWatch::report_next(const Grade& now) {
  const auto next =
      std::find_if(now.results.begin(), now.results.end(),
                   [](const CheckResult& result) { return !result.passed; });
  if (next == now.results.end() || next_ == next->check->id) return;
  next_ = next->check->id;
  std::vector<std::string> commands;
  if (next->hint && !reported_.contains(next->hint->id)) {
    commands = next->hint->commands;
  }
  if (next_ == CheckId::group && commands.size() > 1) commands.resize(1);
  observer_.on_next(*next, commands);
}

void ExerciseWatch::report(const std::optional<Hint>& hint) {
  if (hint && reported_.insert(hint->id).second) observer_.on_hint(*hint);
}

void ExerciseWatch::report_hints(const Grade& now) {
  for (const CheckResult& result : now.results) {
    if (result.passed || !result.hint) continue;
    // A plain v2 host without the cgroup is not a mistake yet.
    const bool begun = directory_ || result.hint->id != "v1-path-on-v2";
    if (begun && is_shown_unasked(result.hint->id)) report(result.hint);
  }
}

void ExerciseWatch::report_refused(const Grade& now,
                                   const std::set<std::string>& written) {
  const char* const limit_file = name_of(File::memory_max, hierarchy_.version);
  for (const CheckResult& result : now.results) {
    if (result.passed) continue;
    std::string file;
    if (result.check->id == CheckId::process) {
      file = written.contains(tasks_file) ? tasks_file : procs_file;
    } else if (result.check->id == CheckId::limit && !limit_changed_) {
      file = limit_file;
    }
    if (!written.contains(file)) continue;
    observer_.on_refused(file);
    report(result.hint);
  }
  if (written.contains(limit_file)) limit_changed_ = false;
}

void ExerciseWatch::look() {
  // First the writes, then their effects.
  Writes written = std::exchange(late_, {});
  Writes more = writes_.take();
  written.ended.merge(more.ended);
  written.begun.merge(more.begun);
  written.lost |= more.lost;
  const ExerciseEvidence evidence = read(written);
  ++looks_;
  const Grade now = grade(plan_, evidence);
  if (!started_) observer_.on_start(now);
  take_steps(now);
  started_ = true;
  grade_ = now;
  report_refused(now, written.ended);
  report_hints(now);
  report_next(now);
  if (evidence.group && !now.is_full()) observer_.on_usage(*evidence.group);
}

FollowEnd ExerciseWatch::run(std::optional<nanoseconds> timeout) {
  TimerFd ticks;
  TimerFd deadline;
  ticks.every(look_interval);
  if (timeout) deadline.once(*timeout);
  PollLoop loop;
  loop.watch(ticks.fd(), POLLIN, [&] {
    ticks.drain();
    look();
  });
  if (writes_.fd() >= 0) loop.watch(writes_.fd(), POLLIN, [&] { look(); });
  loop.watch(signals_.fd(), POLLIN, [&] { end_.signal = signals_.take(); });
  loop.watch(deadline.fd(), POLLIN, [&] { end_.timed_out = true; });
  look();
  loop.run_until([&] {
    return grade_.is_full() || end_.signal.has_value() || end_.timed_out;
  });
  observer_.on_end();
  end_.grade = grade_;
  return std::move(end_);
}

}  // namespace

FollowEnd follow(const GradingPlan& plan, std::optional<nanoseconds> timeout,
                 const SignalFd& signals, FollowObserver& observer) {
  return ExerciseWatch(plan, signals, observer).run(timeout);
}

}  // namespace lab
