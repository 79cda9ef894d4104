// SPDX-License-Identifier: MIT
#include "lab/run_steps.h"

#include <fmt/format.h>

#include "lab/errors.h"
#include "lab/kmsg.h"
#include "lab/membership.h"
#include "lab/orphans.h"

namespace lab {
namespace {

/// How long a killed child may take to end: freeing much memory takes time.
constexpr std::chrono::seconds reap_patience(30);

/// The record of the child itself, else of any other process in `group`.
std::optional<Victim> find_victim(const KernelLog& log,
                                  const cgroupfs::Cgroup& group,
                                  const Placement& placement, pid_t child) {
  const std::string tail = tail_below(group.path(), placement);
  std::optional<Victim> first;
  for (Victim& victim : parse_victims(log.text(), tail, child)) {
    if (victim.pid == child) return std::move(victim);
    if (!first) first = std::move(victim);
  }
  return first;
}

void read_victim(RunRecord& record, const KernelLog& log,
                 const RunGroups& groups, const Placement& placement) {
  if (!log.readable()) {
    record.victim_absent_because = log.absent_because();
    return;
  }
  for (const cgroupfs::Cgroup* group :
       {&groups.target(), &groups.birthplace()}) {
    if (record.victim) break;
    record.victim = find_victim(log, *group, placement, record.child.pid);
  }
  if (!record.victim) {
    record.victim_absent_because = record.plan.run
                                       ? "no kill in this cgroup in /dev/kmsg"
                                       : "no kill of this child in /dev/kmsg";
  }
}

}  // namespace

RunGroups begin_run(RunRecord& record, const Plan& plan,
                    const Placement& placement,
                    const Environment& environment) {
  record.environment = environment;
  record.plan = plan;
  record.strategy = placement.strategy;
  record.rejected = placement.rejected;
  const auto parent = cgroupfs::Directory::open(placement.parent);
  for (const Orphan& orphan :
       handle_orphans_in(parent, placement.version, OrphanAction::remove)) {
    if (orphan.error.empty()) {
      record.cleanup.orphans_removed.push_back(orphan.path);
    }
  }
  RunGroups groups = RunGroups::create(plan, placement);
  record.group = groups.target().path();
  return groups;
}

void reap_child(Child& child, Follower& follower, RunRecord& record) {
  const auto status = child.reap(reap_patience);
  if (!status) {
    throw RunError(
        fmt::format("the child (pid {}) did not end within {} s after SIGKILL",
                    child.pid(), reap_patience.count()));
  }
  follower.add_event(EventKind::reaped, "waitid");
  record.child.exit_code = status->exit_code;
  record.child.signal = status->signal;
}

void read_final_state(RunRecord& record, Follower& follower,
                      Ancestors& ancestors, const RunGroups& groups,
                      const Placement& placement) {
  follower.finish();
  record.ancestors = ancestors.finish();
  record.peak = read_peak(groups.memory());
  if (!record.peak) record.peak = peak_of(record.samples);
  read_victim(record, follower.kernel_log(), groups, placement);
}

void end_groups(RunGroups& groups, RunRecord& record) {
  const std::string path = groups.top_path();
  try {
    if (record.plan.keep) {
      groups.keep();
      record.cleanup.left.push_back(path);
    } else {
      groups.remove();
      record.cleanup.removed = true;
    }
  } catch (const std::exception& error) {
    record.cleanup.error = error.what();
    record.cleanup.left.push_back(path);
  }
}

void leave_place(Occupancy& occupancy, RunRecord& record) {
  try {
    occupancy.leave();
  } catch (const std::exception& error) {
    record.cleanup.error = error.what();
    record.cleanup.left.push_back(
        fmt::format("{}/{}", occupancy.placement().parent, leaf_name));
  }
}

void remove_after(const std::exception& error, const std::string& path,
                  const std::function<void()>& remove) {
  try {
    remove();
  } catch (const std::exception& failure) {
    throw LeftBehind(fmt::format("{}; and {} is left behind: {}", error.what(),
                                 path, failure.what()));
  }
}

}  // namespace lab
