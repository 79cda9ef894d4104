// SPDX-License-Identifier: MIT
#include "lab/run/run_steps.h"
#include "lab/base/units.h"
#include "lab/base/version.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "lab/base/errors.h"
#include "lab/place/orphans.h"
#include "lab/run/apply_limits.h"

namespace lab {
namespace {

/// How long a killed child may take to end: freeing much memory takes time.
constexpr std::chrono::seconds reap_patience(30);
/// The kernel sends SIGKILL before it logs the victim.
constexpr nanoseconds log_patience = std::chrono::milliseconds(50);

std::optional<pid_t> pid_in_log(const RunRecord& record) {
  if (!record.environment.initial_pid_namespace) return std::nullopt;
  return main_process(record).pid;
}

/// Of the child itself, else the first of any other process in the run's
/// cgroup and its descendants.
void take_victims(RunRecord& record, std::vector<Victim> victims) {
  if (victims.empty()) return;
  const auto child = std::find_if(
      victims.begin(), victims.end(),
      [&](const Victim& victim) { return victim.pid == pid_in_log(record); });
  if (child != victims.end()) std::rotate(victims.begin(), child, child + 1);
  record.evidence.victims = std::move(victims);
}

}  // namespace

RunGroups begin_run(RunRecord& record, const Plan& plan,
                    const Placement& placement,
                    const Environment& environment) {
  record.tool.version = version;
  record.date = utc_time(std::chrono::system_clock::now());
  record.environment = environment;
  record.plan = plan;
  record.environment.strategy = placement.strategy;
  record.environment.rejected = placement.rejected;
  const auto parent = cgroupfs::Directory::open(placement.parent);
  for (const Orphan& orphan :
       handle_orphans_in(parent, placement.version, OrphanAction::remove)) {
    if (orphan.error.empty()) {
      record.cleanup.orphans_removed.push_back(orphan.path);
    }
  }
  RunGroups groups = RunGroups::create(plan, placement);
  record.cgroups = {
      {is_command(plan) ? "run" : "memorydemo", groups.target().path()}};
  if (is_course(plan)) {
    record.cgroups.push_back({"outside", groups.birthplace().path()});
  }
  record.processes.resize(1);
  ProcessRecord& process = main_process(record);
  process.name =
      is_command(plan)
          ? std::filesystem::path(plan.command.front()).filename().string()
          : "hog";
  process.cgroup = record.cgroups.back().name;
  if (!is_command(plan)) process.output.emplace();
  return groups;
}

void reap_child(Child& child, Follower& follower, RunRecord& record) {
  const auto status = child.reap(reap_patience);
  if (!status) {
    throw RunError(
        fmt::format("the child (pid {}) did not end within {} s after SIGKILL",
                    child.pid(), reap_patience.count()));
  }
  follower.add_event(
      EventKind::reaped,
      status->signal
          ? signal_name(*status->signal)
          : fmt::format("exit status {}", status->exit_code.value_or(0)));
  main_process(record).exit_code = status->exit_code;
  main_process(record).signal = status->signal;
}

void read_final_state(RunRecord& record, Follower& follower,
                      Ancestors& ancestors, const RunGroups& groups) {
  follower.finish();
  record.evidence.ancestors = ancestors.finish();
  record.evidence.all_ancestors_seen = ancestors.complete();
  record.peak = read_peak(groups.memory());
  if (!record.peak) record.peak = peak_of(record.samples);
  for (LimitRecord& limit : record.limits) {
    const auto file = cgroupfs::file_named(limit.file);
    if (file && *file != cgroupfs::File::pids_max) {
      limit.at_end = groups.memory().limit(*file);
    }
  }
  read_victims(record, follower.kernel_log(), groups.top_path());
}

void read_victims(RunRecord& record, KernelLog& log, const std::string& top) {
  if (!log.readable()) {
    record.evidence.victims_absent_because = log.absent_because();
    return;
  }
  const std::string name = top.substr(top.rfind('/'));
  const std::uint64_t counted = oom_kills_in(record).value_or(0);
  const std::int64_t deadline_ns = monotonic_ns() + log_patience.count();
  std::vector<Victim> victims;
  for (;;) {
    log.collect();
    victims = parse_victims(log.text(), name, pid_in_log(record));
    if (victims.size() >= counted || monotonic_ns() >= deadline_ns) break;
    pollfd more{log.fd(), POLLIN, 0};
    ::poll(&more, 1, 10);
  }
  record.evidence.kernel_log_complete = log.complete();
  take_victims(record, std::move(victims));
  if (record.evidence.victims.empty()) {
    record.evidence.victims_absent_because =
        log.complete() ? "no kill in this cgroup in /dev/kmsg"
                       : "records of /dev/kmsg were lost";
  }
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
