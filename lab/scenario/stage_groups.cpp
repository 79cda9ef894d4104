// SPDX-License-Identifier: MIT
#include "lab/scenario/stage_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "cgroupfs/error.h"
#include "lab/apply_limits.h"
#include "lab/errors.h"
#include "lab/run_groups.h"
#include "lab/teardown.h"

namespace lab {
namespace {

using cgroupfs::MemoryController;
using cgroupfs::Version;

/// Room for what processes need besides the memory that they take on purpose.
constexpr std::uint64_t own_needs = 32 * mebi;

/// Runs `write` and notes the kernel's refusal.
LimitRecord record_write(std::string file, std::string asked,
                         const std::function<void()>& write,
                         const std::function<std::optional<Limit>()>& read) {
  LimitRecord record{std::move(file), std::move(asked), {}, {}};
  try {
    write();
  } catch (const cgroupfs::FileError& error) {
    record.error = error.code().message();
  }
  record.actual = read();
  return record;
}

struct LimitFile {
  std::string v1;  ///< empty: none
  std::string v2;
  void (MemoryController::*write)(Limit);
  Limit (MemoryController::*read)() const;
};

LimitFile limit_file(Setting setting) {
  using M = MemoryController;
  switch (setting) {
    case Setting::high:
      return {"", "memory.high", &M::set_high, &M::high};
    case Setting::low:
      return {"", "memory.low", &M::set_low, &M::low};
    case Setting::min:
      return {"", "memory.min", &M::set_min, &M::min};
    case Setting::soft_limit:
      return {"memory.soft_limit_in_bytes", "", &M::set_soft_limit,
              &M::soft_limit};
    case Setting::swap_max:
      return {"memory.memsw.limit_in_bytes", "memory.swap.max",
              &M::set_swap_max, &M::swap_max};
    default:
      return {"memory.limit_in_bytes", "memory.max", &M::set_max, &M::max};
  }
}

/// Whether `name` has others below it.
bool is_above_others(const Scenario& scenario, const std::string& name) {
  return std::any_of(scenario.groups.begin(), scenario.groups.end(),
                     [&](const GroupSpec& other) {
                       return other.name.starts_with(name + "/");
                     });
}

bool has_setting(const GroupSpec& spec, Setting setting) {
  return std::any_of(
      spec.settings.begin(), spec.settings.end(),
      [&](const Assignment& each) { return each.setting == setting; });
}

/// pids too, where it was handed on to `group` and the scenario limits tasks.
void hand_on(const cgroupfs::Cgroup& group, const Scenario& scenario) {
  if (group.version() != Version::v2) return;
  group.directory().write("cgroup.subtree_control", "+memory");
  const bool limits_tasks =
      std::any_of(scenario.groups.begin(), scenario.groups.end(),
                  [](const GroupSpec& spec) {
                    return has_setting(spec, Setting::pids_max);
                  });
  if (limits_tasks && group.directory().exists("pids.max")) {
    group.directory().write("cgroup.subtree_control", "+pids");
  }
}

void require_in_force(const LimitRecord& record, const std::string& path) {
  if (!record.error) return;
  throw RunError(fmt::format("{} of {}: asked {}, the kernel says: {}",
                             record.file, path, record.asked, *record.error));
}

}  // namespace

StageGroups::StageGroups(const Scenario& scenario, const Plan& plan,
                         const Placement& placement,
                         const Environment& environment,
                         std::vector<LimitRecord>& limits)
    : plan_(plan),
      placement_(placement),
      host_swaps_(environment.swap_total.value_or(Bytes{0}).count > 0),
      top_(make_run_group(plan, placement)),
      top_memory_(cgroupfs::open_memory(top_)) {
  const Bytes guard = cgroupfs::round_down_to_page(
      Bytes{scenario.guard.of(plan.limit).count + own_needs});
  const LimitRecord held = set_hard_limit(*top_memory_, guard);
  if (!is_in_force(held, guard)) {
    throw RunError(fmt::format("the outer limit {} of {} is not in force: {}",
                               guard.count, top_.path(),
                               held.error.value_or("read back otherwise")));
  }
  hand_on(top_, scenario);
  for (const GroupSpec& spec : scenario.groups) make(spec, scenario);
  for (const GroupSpec& spec : scenario.groups) settle(spec, limits);
}

void StageGroups::make(const GroupSpec& spec, const Scenario& scenario) {
  top_.directory().make_directory(spec.name);
  StageGroup group{spec.name,
                   cgroupfs::Cgroup::open(top_.directory().path_of(spec.name),
                                          top_.version()),
                   nullptr};
  group.memory = cgroupfs::open_memory(group.cgroup);
  if (is_above_others(scenario, spec.name)) hand_on(group.cgroup, scenario);
  groups_.push_back(std::move(group));
}

void StageGroups::settle(const GroupSpec& spec,
                         std::vector<LimitRecord>& limits) {
  StageGroup& group = at(spec.name);
  // Before the limit, or what it displaces could go to swap.
  if (!has_setting(spec, Setting::swap_max)) forbid_swap(group, limits);
  for (const Assignment& assignment : spec.settings) {
    limits.push_back(write(group, assignment));
    require_in_force(limits.back(), group.cgroup.path());
  }
}

/// On v1 by swappiness: with an equal limit of memory plus swap it is that one
/// which is hit, and memory.failcnt stays 0.
void StageGroups::forbid_swap(StageGroup& group,
                              std::vector<LimitRecord>& limits) {
  if (!host_swaps_) return;
  if (top_.version() == Version::v1) {
    group.memory->set_swappiness(0);
    return;
  }
  limits.push_back(write(group, {Setting::swap_max, std::uint64_t{0}}));
  require_in_force(limits.back(), group.cgroup.path());
}

StageGroup& StageGroups::at(const std::string& name) {
  for (StageGroup& group : groups_) {
    if (group.name == name) return group;
  }
  throw std::logic_error("the scenario has no group " + name);
}

Limit StageGroups::limit_of(const Value& value) const {
  if (const auto* part = std::get_if<Part>(&value)) {
    return Limit::of(part->of(plan_.limit));
  }
  if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    return Limit::of(Bytes{*number});
  }
  return Limit::max();
}

LimitRecord StageGroups::write(StageGroup& group,
                               const Assignment& assignment) {
  MemoryController& memory = *group.memory;
  const Limit limit = limit_of(assignment.value);
  const auto as_number = [&](std::uint64_t now) {
    return std::optional(Limit::of(Bytes{now}));
  };
  switch (assignment.setting) {
    case Setting::oom_group: {
      const bool on = limit.bytes().count != 0;
      return record_write(
          "memory.oom.group", on ? "1" : "0", [&] { memory.set_oom_group(on); },
          [&] { return as_number(memory.oom_group() ? 1 : 0); });
    }
    case Setting::oom_kill_disable: {
      const bool off = limit.bytes().count != 0;
      return record_write(
          "memory.oom_control", off ? "1" : "0",
          [&] { memory.set_oom_kill_disable(off); },
          [&] {
            return as_number(memory.oom_control().oom_kill_disable ? 1 : 0);
          });
    }
    case Setting::pids_max: {
      const std::uint64_t tasks = limit.bytes().count;
      pids_.emplace(PidsLimit::create(tasks, group.cgroup, placement_));
      return {"pids.max",
              std::to_string(tasks),
              Limit::of(Bytes{pids_->record().max.value_or(0)}),
              {}};
    }
    default:
      break;
  }
  const LimitFile file = limit_file(assignment.setting);
  if (assignment.setting == Setting::swap_max &&
      memory.version() == Version::v1) {
    const Limit both = limit.is_max() || memory.max().is_max()
                           ? Limit::max()
                           : Limit::of(Bytes{memory.max().bytes().count +
                                             limit.bytes().count});
    return record_write(
        file.v1, to_string(both), [&] { memory.set_memsw_max(both); },
        [&] { return memory.memsw_max(); });
  }
  return record_write(
      memory.version() == Version::v1 ? file.v1 : file.v2, to_string(limit),
      [&] { (memory.*file.write)(limit); },
      [&] { return (memory.*file.read)(); });
}

void StageGroups::remove() {
  // A task that sleeps because the OOM killer is off ends by no signal.
  for (StageGroup& group : groups_) {
    if (group.cgroup.version() == Version::v1) {
      const auto text = group.cgroup.directory().try_read("memory.oom_control");
      if (text && cgroupfs::parse_oom_control(*text).oom_kill_disable) {
        group.memory->set_oom_kill_disable(false);
      }
    }
  }
  if (pids_) pids_->remove();
  tear_down(top_);
}

}  // namespace lab
