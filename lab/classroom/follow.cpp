// SPDX-License-Identifier: MIT
#include "lab/classroom/follow.h"

#include <poll.h>

#include <algorithm>
#include <set>
#include <utility>

#include "cgroupfs/directory.h"
#include "lab/classroom/hints.h"
#include "lab/classroom/write_watch.h"
#include "lab/os/namespaces.h"
#include "lab/os/poll_loop.h"
#include "lab/os/timer_fd.h"
#include "lab/place/memory_access.h"
#include "lab/run/kmsg.h"

namespace lab {
namespace {

using cgroupfs::Hierarchy;

constexpr nanoseconds look_interval = std::chrono::milliseconds(50);
/// A search of the whole hierarchy is not for every look.
constexpr unsigned looks_between_searches = 20;
constexpr nanoseconds log_timeout = std::chrono::milliseconds(200);

/// Hints for what goes on while one waits; all others are for what is still to
/// be done, which the student knows.
bool is_told_unasked(const std::string& id) {
  static const std::set<std::string> ids = {
      "begin-again",     "charges-stay",  "ebusy",
      "killed-by-hand",  "limit-above",   "limit-differs",
      "no-peak",         "not-delegated", "oom-disabled",
      "other-hierarchy", "other-limit",   "own-shell",
      "plain-directory", "swap",          "throttled",
      "v1-path-on-v2"};
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
  ExerciseEvidence read();
  std::optional<std::string> search();
  void read_log(const GroupEvidence& group);
  void start_at(const std::string& directory);
  void restart();
  void look();
  void take_steps(const Grade& now);
  void tell_hints(const Grade& now);
  void tell_refused(const Grade& now, const std::set<std::string>& written);
  void tell(const std::optional<Hint>& hint);

  const GradingPlan& plan_;
  Hierarchy hierarchy_;
  std::optional<std::string> parent_;
  const SignalFd& signals_;
  FollowObserver& observer_;
  WriteWatch writes_;
  KernelLog log_;
  VictimReader victims_;
  LoggedKills logged_;
  std::optional<std::string> directory_;
  bool procs_written_ = false;
  std::uint64_t kills_ = 0;
  unsigned looks_ = 0;
  bool started_ = false;
  Grade seen_;  ///< with all that has ever passed
  std::set<std::string> told_;
  FollowEnd end_;
};

/// What passed before still counts: the evidence was there.
Grade with_passed(Grade now, const Grade& before) {
  if (before.results.size() != now.results.size()) return now;
  now.earned = 0;
  for (std::size_t i = 0; i < now.results.size(); ++i) {
    if (before.results[i].passed && !now.results[i].passed) {
      now.results[i] = before.results[i];
    }
    if (now.results[i].passed) now.earned += now.results[i].points;
  }
  return now;
}

std::optional<std::string> ExerciseWatch::search() {
  const std::string& group = plan_.assignment.group;
  if (auto found = find_group_nearby(group, hierarchy_)) return found;
  return looks_ % looks_between_searches == 0 ? find_group(group, hierarchy_)
                                              : std::nullopt;
}

void ExerciseWatch::start_at(const std::string& directory) {
  directory_ = directory;
  writes_.watch(directory);
}

void ExerciseWatch::restart() {
  directory_.reset();
  logged_ = LoggedKills();
  procs_written_ = false;
  kills_ = 0;
  told_.clear();
  seen_ = Grade();
  observer_.on_restart();
}

ExerciseEvidence ExerciseWatch::read() {
  if (!directory_) {
    if (const auto found = search()) start_at(*found);
  }
  ExerciseEvidence evidence = look_at_directory(hierarchy_, directory_);
  const bool gone = directory_ && !evidence.group &&
                    !cgroupfs::Directory::try_open(*directory_);
  if (gone) {
    restart();
    return look_at_directory(hierarchy_, std::nullopt);
  }
  if (evidence.group) read_log(*evidence.group);
  evidence.logged = logged_;
  evidence.procs_written = procs_written_;
  evidence.parent = parent_;
  if (!directory_ && looks_ % looks_between_searches == 0) {
    evidence.misplaced = find_misplaced(plan_.assignment.group, hierarchy_);
  }
  return evidence;
}

/// The kernel raises the counter a moment before it logs the victim, which may
/// say that it was another limit.
void ExerciseWatch::read_log(const GroupEvidence& group) {
  // Elsewhere the kernel's names and those here share only their ends.
  if (!in_initial_cgroup_namespace()) return;
  const std::uint64_t kills = group.oom_kills.value_or(0);
  const bool rose = std::exchange(kills_, kills) < kills;
  const std::int64_t deadline_ns = monotonic_ns() + log_timeout.count();
  const KernelName name = KernelName::of(group.path, hierarchy_);
  do {
    log_.collect();
    if (note_kills(victims_.read(log_.take()), name, logged_)) return;
    pollfd log{log_.fd(), POLLIN, 0};
    if (rose && log_.readable()) ::poll(&log, 1, 10);
  } while (rose && log_.readable() && monotonic_ns() < deadline_ns);
}

void ExerciseWatch::take_steps(const Grade& now) {
  for (std::size_t i = 0; i < now.results.size(); ++i) {
    const bool before = i < seen_.results.size() && seen_.results[i].passed;
    if (now.results[i].passed && !before && started_) {
      observer_.on_step(now.results[i]);
    }
  }
}

void ExerciseWatch::tell(const std::optional<Hint>& hint) {
  if (hint && told_.insert(hint->id).second) observer_.on_hint(*hint);
}

void ExerciseWatch::tell_hints(const Grade& now) {
  for (const CheckResult& result : now.results) {
    if (result.passed || !result.hint) continue;
    // A plain v2 host without the cgroup is no mistake yet.
    const bool begun = directory_ || result.hint->id != "v1-path-on-v2";
    if (begun && is_told_unasked(result.hint->id)) tell(result.hint);
  }
}

void ExerciseWatch::tell_refused(const Grade& now,
                                 const std::set<std::string>& written) {
  for (const CheckResult& result : now.results) {
    if (result.passed) continue;
    const char* const file =
        result.check->id == CheckId::process
            ? name_of(cgroupfs::File::cgroup_procs)
        : result.check->id == CheckId::limit
            ? name_of(cgroupfs::File::memory_max, hierarchy_.version)
            : "";
    if (!written.contains(file)) continue;
    observer_.on_refused(file);
    tell(result.hint);
  }
}

void ExerciseWatch::look() {
  // First what was written, then what came of it.
  const std::set<std::string> written = writes_.take();
  if (written.contains(name_of(cgroupfs::File::cgroup_procs))) {
    procs_written_ = true;
  }
  const ExerciseEvidence evidence = read();
  ++looks_;
  const Grade now = with_passed(grade(plan_, evidence), seen_);
  if (!started_) observer_.on_start(now);
  take_steps(now);
  started_ = true;
  seen_ = now;
  tell_refused(now, written);
  tell_hints(now);
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
    return seen_.is_full() || end_.signal.has_value() || end_.timed_out;
  });
  observer_.on_end();
  end_.grade = seen_;
  return std::move(end_);
}

}  // namespace

FollowEnd follow(const GradingPlan& plan, std::optional<nanoseconds> timeout,
                 const SignalFd& signals, FollowObserver& observer) {
  return ExerciseWatch(plan, signals, observer).run(timeout);
}

}  // namespace lab
