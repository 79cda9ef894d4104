// SPDX-License-Identifier: MIT
#include "lab/runner.h"

#include <fmt/format.h>

#include <cerrno>
#include <exception>
#include <filesystem>
#include <optional>
#include <utility>

#include "cgroupfs/error.h"
#include "cgroupfs/text.h"
#include "lab/apply_limits.h"
#include "lab/child.h"
#include "lab/counters.h"
#include "lab/environment.h"
#include "lab/errors.h"
#include "lab/follower.h"
#include "lab/hog.h"
#include "lab/kmsg.h"
#include "lab/membership.h"
#include "lab/orphans.h"
#include "lab/progress.h"
#include "lab/run_groups.h"

namespace lab {
namespace {

/// How long a killed child may take to end: freeing much memory takes time.
constexpr std::chrono::seconds reap_patience(30);

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
        groups_(make_groups(environment)),
        follower_(record_, groups_.target(), groups_.memory(),
                  groups_.top_memory(), progress_, signals, observer) {}

  /// All steps up to, but not including, teardown.
  void execute();
  /// Ends the child and removes the groups; what is left behind is in the
  /// record that it returns.
  RunRecord finish();
  /// Cleans up after `error`. Throws LeftBehind when that fails too.
  void abandon(const std::exception& error);

 private:
  RunGroups make_groups(const Environment& environment);
  void start_child();
  void run_limit_first();
  void run_course();
  bool move_child_inside();
  bool set_limits();
  void open_gate();
  void end_child();
  void read_final_state();
  void read_victim();

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

RunGroups Run::make_groups(const Environment& environment) {
  record_.environment = environment;
  record_.plan = plan_;
  record_.strategy = placement_.strategy;
  record_.rejected = placement_.rejected;
  const auto parent = cgroupfs::Directory::open(placement_.parent);
  for (const Orphan& orphan :
       handle_orphans_in(parent, placement_.version, OrphanAction::remove)) {
    if (orphan.error.empty()) {
      record_.cleanup.orphans_removed.push_back(orphan.path);
    }
  }
  RunGroups groups = RunGroups::create(plan_, placement_);
  record_.group = groups.target().path();
  return groups;
}

void Run::execute() {
  observer_.on_start(record_);
  follower_.add_event(EventKind::group_created, "mkdir");
  if (plan_.order == Order::course) {
    run_course();
  } else {
    run_limit_first();
  }
  end_child();
  read_final_state();
}

void Run::run_limit_first() {
  if (!set_limits()) {
    const LimitRecord& limit = record_.limits.back();
    throw RunError(fmt::format(
        "the limit of {} is not in force: {}: asked {}, the kernel has {} ({})",
        record_.group, limit.file, limit.asked,
        limit.actual ? to_string(*limit.actual) : "none",
        limit.error.value_or("no error")));
  }
  start_child();
  open_gate();
  follower_.follow_until([] { return false; });
}

void Run::run_course() {
  start_child();
  open_gate();
  follower_.follow_until([this] { return progress_.touched() >= plan_.block; });
  if (!move_child_inside()) return;
  child_->open_gate();
  follower_.follow_until(
      [this] { return progress_.touched().count >= 2 * plan_.block.count; });
  if (follower_.ended()) return;
  record_.course->usage_before_limit = groups_.memory().usage();
  record_.course->limit_before = groups_.memory().max();
  if (!set_limits()) return;
  child_->open_gate();
  follower_.follow_until([] { return false; });
}

bool Run::move_child_inside() {
  if (follower_.ended()) return false;
  const auto outside = cgroupfs::open_memory(groups_.birthplace());
  try {
    groups_.target().add(child_->pid());
  } catch (const cgroupfs::FileError& error) {
    if (error.code().value() != ESRCH) throw;
    follower_.follow_until([] { return false; });
    return false;
  }
  verify_membership(*child_, groups_.target(), placement_);
  follower_.add_event(EventKind::child_moved, "cgroup.procs");
  record_.course = CourseRecord{progress_.touched(), groups_.memory().usage(),
                                outside->usage(), std::nullopt, std::nullopt};
  return true;
}

bool Run::set_limits() {
  const auto limit_swap = [this] {
    return set_swap_limit(groups_.memory(), plan_, record_.environment);
  };
  // First on v2, or what the hard limit displaces could go to swap. v1 takes no
  // memsw limit below the hard one.
  const bool swap_first = placement_.version == cgroupfs::Version::v2;
  std::optional<LimitRecord> swap;
  if (swap_first) swap = limit_swap();
  record_.limits.push_back(set_hard_limit(groups_.memory(), plan_.limit));
  const LimitRecord hard = record_.limits.back();
  const bool in_force = is_in_force(hard, plan_.limit);
  follower_.add_event(
      in_force ? EventKind::limit_set : EventKind::limit_refused, hard.file);
  if (!in_force) return false;
  if (!swap_first) swap = limit_swap();
  if (swap) record_.limits.push_back(*swap);
  if (swap && swap->error && swap->actual) {
    follower_.add_event(EventKind::limit_refused, swap->file);
    return false;
  }
  const bool host_swaps =
      record_.environment.swap_total.value_or(Bytes{0}).count > 0;
  if (swap && swap->error && host_swaps) {
    throw RunError(fmt::format(
        "swap cannot be limited, so the hog would be swapped out instead of "
        "killed: {}: {}; accept that with --swap max",
        swap->file, *swap->error));
  }
  if (swap && !swap->error &&
      !is_in_force(*swap, Bytes{cgroupfs::parse_u64(swap->asked)})) {
    throw RunError(fmt::format("{}: asked {}, the kernel has {}", swap->file,
                               swap->asked, to_string(*swap->actual)));
  }
  return true;
}

void Run::start_child() {
  const ChildSpec spec{find_program("malloc_demo"), hog_arguments(plan_),
                       progress_.fd()};
  // A limit above may kill the child before it gets to its gate: all counters
  // that shall tell of it are read by then.
  ancestors_.emplace(std::filesystem::path(record_.group).parent_path(),
                     placement_.hierarchy.mount_point, placement_.version);
  follower_.prepare();
  child_.emplace(Child::spawn(spec, groups_.birthplace()));
  record_.child.pid = child_->pid();
  record_.child.joined_by = child_->joined_by();
  follower_.add_event(EventKind::child_started, child_->joined_by());
  child_->await_start();
  verify_membership(*child_, groups_.birthplace(), placement_);
  // What can wait is read now: the child is still on its way to the gate.
  ancestors_->read_limits();
  read_host_details(record_.environment);
}

void Run::open_gate() {
  follower_.start(*child_);
  child_->open_gate();
}

void Run::end_child() {
  if (!follower_.child_exited()) child_->kill();
  const auto status = child_->reap(reap_patience);
  if (!status) {
    throw RunError(
        fmt::format("the child (pid {}) did not end within {} s after SIGKILL",
                    child_->pid(), reap_patience.count()));
  }
  follower_.add_event(EventKind::reaped, "waitid");
  record_.child.exit_code = status->exit_code;
  record_.child.signal = status->signal;
  observer_.on_end();
}

void Run::read_final_state() {
  follower_.finish();
  record_.ancestors = ancestors_->finish();
  record_.peak = read_peak(groups_.memory());
  if (!record_.peak) record_.peak = peak_of(record_.samples);
  read_victim();
}

void Run::read_victim() {
  const KernelLog& log = follower_.kernel_log();
  if (!log.readable()) {
    record_.victim_absent_because = log.absent_because();
    return;
  }
  for (const cgroupfs::Cgroup* group :
       {&groups_.target(), &groups_.birthplace()}) {
    if (record_.victim) break;
    record_.victim = parse_victim(
        log.text(), tail_below(group->path(), placement_), child_->pid());
  }
  if (!record_.victim) {
    record_.victim_absent_because = "no kill of this child in /dev/kmsg";
  }
}

RunRecord Run::finish() {
  const std::string path = groups_.top_path();
  try {
    if (plan_.keep) {
      groups_.keep();
      record_.cleanup.left.push_back(path);
    } else {
      groups_.remove();
      record_.cleanup.removed = true;
    }
  } catch (const std::exception& error) {
    record_.cleanup.error = error.what();
    record_.cleanup.left.push_back(path);
  }
  return std::move(record_);
}

void Run::abandon(const std::exception& error) {
  observer_.on_end();
  child_.reset();
  try {
    groups_.remove();
  } catch (const std::exception& failure) {
    throw LeftBehind(fmt::format("{}; and {} is left behind: {}", error.what(),
                                 groups_.top_path(), failure.what()));
  }
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
