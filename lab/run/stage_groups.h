// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/memory.h"
#include "lab/place/placement.h"
#include "lab/place/teardown.h"
#include "lab/record/plan.h"
#include "lab/record/record.h"
#include "lab/run/pids_limit.h"
#include "lab/run/scenario.h"

namespace lab {

/// One cgroup of a scenario with its controller.
struct StageGroup {
  std::string name;
  cgroupfs::Cgroup cgroup;
  cgroupfs::Memory memory;
};

/// A setting as it was written, and the errno of the kernel's refusal or 0.
struct Written {
  LimitRecord record;
  int refused = 0;
};

/// The cgroups of a scenario, in one that holds them all by a limit which was
/// read back. Killed and removed at the latest with this object.
class StageGroups {
 public:
  /// Hears of each setting when it was written and read back.
  using OnWrite = std::function<void(const LimitRecord&)>;

  /// Makes the outer one alone, under `placement.parent`. Throws as
  /// make_run_group().
  StageGroups(const Plan& plan, const Placement& placement,
              const Environment& environment);
  /// Makes the others and writes their settings. Throws cgroupfs::FileError,
  /// cgroupfs::NotSupported and Unavailable for what this kernel lacks, and
  /// RunError when a setting is not in force.
  void build(const Scenario& scenario, const OnWrite& on_write);

  std::vector<StageGroup>& all() noexcept { return groups_; }
  const std::vector<StageGroup>& all() const noexcept { return groups_; }
  /// Throws std::logic_error for a name that the scenario does not have.
  StageGroup& at(const std::string& name);
  /// Kills anywhere in them.
  const cgroupfs::Memory& top_memory() const noexcept { return *top_memory_; }
  const std::string& top_path() const noexcept { return top_.path(); }
  /// The limit of tasks; nullptr without one.
  const PidsLimit* pids() const noexcept { return pids_ ? &*pids_ : nullptr; }

  /// Writes one setting and reads it back. A refusal by the kernel is in the
  /// result. Throws RunError when the kernel took it and has another value.
  Written write(StageGroup& group, const Setting& setting);
  /// As lab::enable_oom_killer(), in all of them.
  void enable_oom_killer() const { lab::enable_oom_killer(top_); }
  /// Kills what is inside and removes all. Throws cgroupfs::FileError.
  void remove();

 private:
  void make(const GroupSpec& spec, const Scenario& scenario);
  void hold_all(const Scenario& scenario);
  void settle(const GroupSpec& spec, const OnWrite& on_write);
  void forbid_swap(StageGroup& group, const OnWrite& on_write);
  void require(StageGroup& group, const Setting& setting,
               const OnWrite& on_write);
  Written limit_tasks(StageGroup& group, std::uint64_t tasks);
  Limit limit_of(const Value& value) const;

  Plan plan_;
  Placement placement_;
  bool host_swaps_;
  cgroupfs::Cgroup top_;
  std::optional<cgroupfs::Memory> top_memory_;
  std::vector<StageGroup> groups_;
  std::optional<PidsLimit> pids_;
};

}  // namespace lab
