// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/memory.h"
#include "lab/pids_limit.h"
#include "lab/placement.h"
#include "lab/plan.h"
#include "lab/record.h"
#include "lab/scenario/scenario.h"

namespace lab {

/// One cgroup of a scenario with its controller.
struct StageGroup {
  std::string name;
  cgroupfs::Cgroup cgroup;
  std::unique_ptr<cgroupfs::MemoryController> memory;
};

/// The cgroups of a scenario, in one that holds them all by a limit which was
/// read back. Killed and removed at the latest with this object.
class StageGroups {
 public:
  /// Makes them under `placement.parent` and writes their settings, which
  /// `limits` gets. Throws cgroupfs::FileError, Unavailable for what this
  /// kernel lacks, and RunError when a setting is not in force.
  StageGroups(const Scenario& scenario, const Plan& plan,
              const Placement& placement, const Environment& environment,
              std::vector<LimitRecord>& limits);

  std::vector<StageGroup>& all() noexcept { return groups_; }
  const std::vector<StageGroup>& all() const noexcept { return groups_; }
  /// Throws std::logic_error for a name that the scenario does not have.
  StageGroup& at(const std::string& name);
  /// Kills anywhere in them.
  const cgroupfs::MemoryController& top_memory() const noexcept {
    return *top_memory_;
  }
  const std::string& top_path() const noexcept { return top_.path(); }
  /// The limit of tasks; nullptr without one.
  const PidsLimit* pids() const noexcept { return pids_ ? &*pids_ : nullptr; }

  /// Writes one setting and reads it back. A refusal by the kernel is in the
  /// result's error.
  LimitRecord write(StageGroup& group, const Assignment& assignment);
  /// Kills what is inside and removes all. Throws cgroupfs::FileError.
  void remove();

 private:
  void make(const GroupSpec& spec, const Scenario& scenario);
  void settle(const GroupSpec& spec, std::vector<LimitRecord>& limits);
  void forbid_swap(StageGroup& group, std::vector<LimitRecord>& limits);
  Limit limit_of(const Value& value) const;

  Plan plan_;
  Placement placement_;
  bool host_swaps_;
  cgroupfs::Cgroup top_;
  std::unique_ptr<cgroupfs::MemoryController> top_memory_;
  std::vector<StageGroup> groups_;
  std::optional<PidsLimit> pids_;
};

}  // namespace lab
