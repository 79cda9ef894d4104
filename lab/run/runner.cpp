// SPDX-License-Identifier: MIT
#include "lab/run/runner.h"

#include <fmt/format.h>

#include <cerrno>
#include <exception>
#include <filesystem>
#include <optional>
#include <utility>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/os/child.h"
#include "lab/os/find_program.h"
#include "lab/os/progress.h"
#include "lab/place/environment.h"
#include "lab/run/counters.h"
#include "lab/run/follower.h"
#include "lab/run/hog.h"
#include "lab/run/membership.h"
#include "lab/run/run_groups.h"
#include "lab/run/run_limits.h"
#include "lab/run/run_steps.h"

namespace lab {
namespace {

/// One run under way. Its members go in reverse order: the child before its
/// groups.
class Run {
 public:
  Run(const Plan& plan, const Placement& placement,
      const Environment& environment, const SignalFd& signals,
      Observer& observer)
      : plan_(plan),
        placement_(placement),
        observer_(observer),
        groups_(begin_run(record_, plan, placement, environment)),
        follower_(record_, groups_, &progress_, signals, observer) {}

  /// All steps up to, but not including, teardown.
  void execute();
  /// Ends the child and removes the groups; what is left behind is in the
  /// record that it returns.
  RunRecord finish();
  /// Cleans up after `error`. Throws LeftBehind when that fails too.
  void abandon(const std::exception& error);

 private:
  void start_child();
  void run_limit_first();
  void run_course();
  bool move_child_inside();
  bool set_limits();
  void open_gate();
  void end_child();

  const Plan& plan_;
  const Placement& placement_;
  Observer& observer_;
  RunRecord record_;
  RunGroups groups_;
  std::optional<Ancestors> ancestors_;
  Progress progress_;
  Follower follower_;
  std::optional<Child> child_;
};

void Run::execute() {
  observer_.on_start(record_);
  follower_.add_event(EventKind::cgroup_created, "mkdir");
  if (is_course(plan_)) {
    run_course();
  } else {
    run_limit_first();
  }
  end_child();
  read_final_state(record_, follower_, *ancestors_, groups_);
}

void Run::run_limit_first() {
  if (!set_limits()) throw RunError(refusal_text(record_));
  start_child();
  open_gate();
  follower_.follow_until([] { return false; });
}

void Run::run_course() {
  start_child();
  open_gate();
  follower_.follow_until(
      [this] { return progress_.touched() >= *plan_.block; });
  if (!move_child_inside()) return;
  child_->open_gate();
  follower_.follow_until(
      [this] { return progress_.touched().count >= 2 * plan_.block->count; });
  if (follower_.ended()) return;
  const auto limit = groups_.memory().limit(cgroupfs::File::memory_max);
  record_.readings.push_back(
      {"before limit",
       monotonic_ns(),
       "memorydemo",
       {{"usage", groups_.memory().usage().count},
        {"limit", limit && !limit->is_max()
                      ? std::optional(limit->bytes().count)
                      : std::nullopt}}});
  if (!set_limits()) return;
  child_->open_gate();
  follower_.follow_until([] { return false; });
}

bool Run::move_child_inside() {
  if (follower_.ended()) return false;
  const auto outside = cgroupfs::Memory::open(groups_.birthplace());
  try {
    groups_.target().add(child_->pid());
  } catch (const cgroupfs::FileError& error) {
    if (error.code().value() != ESRCH) throw;
    follower_.follow_until([] { return false; });
    return false;
  }
  verify_membership(*child_, groups_.target(), placement_);
  follower_.add_event(EventKind::process_moved,
                      name_of(cgroupfs::File::cgroup_procs));
  const std::int64_t now = monotonic_ns();
  record_.readings.insert(
      record_.readings.end(),
      {{"moved",
        now,
        "memorydemo",
        {{"usage", groups_.memory().usage().count}}},
       {"moved", now, "outside", {{"usage", outside.usage().count}}},
       {"moved", now, "hog", {{"touched", progress_.touched().count}}}});
  return true;
}

bool Run::set_limits() {
  return lab::set_limits(groups_.memory(), record_,
                         [this](EventKind kind, const std::string& file) {
                           follower_.add_event(kind, file);
                         });
}

void Run::start_child() {
  const ChildSpec spec{find_program("malloc_demo"), hog_arguments(plan_),
                       progress_.fd()};
  main_process(record_).command = spec.arguments;
  main_process(record_).command.insert(main_process(record_).command.begin(),
                                       spec.program);
  // A limit above may kill the child before it gets to its gate: all counters
  // that shall tell of it are read by then.
  ancestors_.emplace(std::filesystem::path(cgroup_path(record_)).parent_path(),
                     placement_.hierarchy.mount_point, placement_.version);
  follower_.prepare();
  child_.emplace(Child::spawn(spec, groups_.birthplace()));
  main_process(record_).pid = child_->pid();
  main_process(record_).joined_by = child_->joined_by();
  follower_.add_event(EventKind::process_started, child_->joined_by());
  child_->await_start();
  verify_membership(*child_, groups_.birthplace(), placement_);
  // What can wait is read now: the child is still on its way to the gate.
  read_host_details(record_.environment);
}

void Run::open_gate() {
  follower_.start(*child_);
  child_->open_gate();
}

void Run::end_child() {
  if (!follower_.child_exited()) child_->kill();
  reap_child(*child_, follower_, record_);
  observer_.on_end();
}

RunRecord Run::finish() {
  end_groups(groups_, record_);
  return std::move(record_);
}

void Run::abandon(const std::exception& error) {
  observer_.on_end();
  child_.reset();
  remove_after(error, groups_.top_path(), [this] { groups_.remove(); });
}

}  // namespace

RunRecord run(const Plan& plan, const Placement& placement,
              const Environment& environment, const SignalFd& signals,
              Observer& observer) {
  Run run(plan, placement, environment, signals, observer);
  try {
    run.execute();
  } catch (const std::exception& error) {
    run.abandon(error);
    throw;
  }
  return run.finish();
}

}  // namespace lab
