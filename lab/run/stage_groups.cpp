// SPDX-License-Identifier: MIT
#include "lab/run/stage_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <stdexcept>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/place/swap.h"
#include "lab/run/apply_limits.h"
#include "lab/run/run_groups.h"

namespace lab {
namespace {

using cgroupfs::File;

/// Room for what processes need besides the memory that they take on purpose.
constexpr Bytes own_needs{32 * mebi};

/// Whether `name` has others below it.
bool is_above_others(const Scenario& scenario, const std::string& name) {
  return std::any_of(scenario.groups.begin(), scenario.groups.end(),
                     [&](const GroupSpec& other) {
                       return other.name.starts_with(name + "/");
                     });
}

bool has_setting(const GroupSpec& spec, File file) {
  return std::any_of(spec.settings.begin(), spec.settings.end(),
                     [&](const Setting& each) { return each.file == file; });
}

/// pids too, where it was handed on to `group` and the scenario limits tasks.
void hand_on(const cgroupfs::Cgroup& group, const Scenario& scenario) {
  group.enable_for_children("memory");
  const bool limits_tasks = std::any_of(
      scenario.groups.begin(), scenario.groups.end(),
      [](const GroupSpec& spec) { return has_setting(spec, File::pids_max); });
  if (limits_tasks && group.has(File::pids_max)) {
    group.enable_for_children("pids");
  }
}

bool is_flat(const cgroupfs::Cgroup& group) {
  const auto text = group.read(File::memory_use_hierarchy);
  return text && text->starts_with('0');
}

/// v1 before 5.11: a cgroup need not count what is below it, and its limit
/// would hold nothing.
void count_what_is_below(const cgroupfs::Cgroup& top) {
  if (!is_flat(top)) return;
  std::string answer;
  try {
    top.write(File::memory_use_hierarchy, "1");
  } catch (const cgroupfs::FileError& error) {
    answer = fmt::format(" ({})", error.code().message());
  }
  if (!is_flat(top)) return;
  throw Unavailable(
      fmt::format("{} of {} cannot be set to 1{}: its limit would not hold the "
                  "cgroups below it",
                  name_of(File::memory_use_hierarchy), top.path(), answer),
      "name a parent without other cgroups by --parent");
}

}  // namespace

StageGroups::StageGroups(const Plan& plan, const Placement& placement,
                         const Environment& environment)
    : plan_(plan),
      placement_(placement),
      host_swaps_(host_swaps(environment).value_or(false)),
      top_(make_run_group(plan, placement)) {}

void StageGroups::build(const Scenario& scenario, const OnWrite& on_write) {
  hold_all(scenario);
  for (const GroupSpec& spec : scenario.groups) make(spec, scenario);
  for (const GroupSpec& spec : scenario.groups) settle(spec, on_write);
}

void StageGroups::hold_all(const Scenario& scenario) {
  top_memory_ = cgroupfs::Memory::open(top_);
  count_what_is_below(top_);
  const Bytes guard = cgroupfs::round_down_to_page(
      add_saturated(scenario.guard.of(plan_.size()), own_needs));
  const LimitRecord held = set_hard_limit(*top_memory_, guard);
  if (!is_in_force(held, guard)) {
    throw RunError(fmt::format("the outer limit {} of {} is not in force: {}",
                               guard.count, top_.path(),
                               held.error.value_or("read back otherwise")));
  }
  hand_on(top_, scenario);
}

void StageGroups::make(const GroupSpec& spec, const Scenario& scenario) {
  top_.directory().make_directory(spec.name);
  auto group = cgroupfs::Cgroup::open(top_.directory().path_of(spec.name),
                                      top_.version());
  auto memory = cgroupfs::Memory::open(group);
  if (is_above_others(scenario, spec.name)) hand_on(group, scenario);
  groups_.push_back({spec.name, std::move(group), std::move(memory)});
}

void StageGroups::settle(const GroupSpec& spec, const OnWrite& on_write) {
  StageGroup& group = at(spec.name);
  // Before the limit, or what it displaces could go to swap.
  if (!has_setting(spec, File::memory_swap_max)) forbid_swap(group, on_write);
  for (const Setting& setting : spec.settings) {
    require(group, setting, on_write);
  }
}

/// On v1 by swappiness: with an equal limit of memory plus swap it is that one
/// which is hit, and memory.failcnt stays 0.
void StageGroups::forbid_swap(StageGroup& group, const OnWrite& on_write) {
  if (!host_swaps_) return;
  if (is_on(File::memory_swappiness, top_.version())) {
    group.memory.set(File::memory_swappiness, 0);
    return;
  }
  require(group, {File::memory_swap_max, std::uint64_t{0}}, on_write);
}

void StageGroups::require(StageGroup& group, const Setting& setting,
                          const OnWrite& on_write) {
  const LimitRecord record = write(group, setting).record;
  on_write(record);
  if (!record.error) return;
  throw RunError(fmt::format("{} of {}: asked {}, the kernel says: {}",
                             record.file, group.cgroup.path(), record.asked,
                             *record.error));
}

StageGroup& StageGroups::at(const std::string& name) {
  for (StageGroup& group : groups_) {
    if (group.name == name) return group;
  }
  throw std::logic_error("the scenario has no group " + name);
}

void StageGroups::remove() {
  std::exception_ptr failure;
  try {
    if (pids_) pids_->remove();
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  tear_down(top_);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace lab
