// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/memory.h"
#include "lab/place/placement.h"
#include "lab/record/plan.h"
#include "lab/record/record.h"

namespace lab {

/// Makes the cgroup of a run under `placement.parent`, named and locked as this
/// process' own. Throws cgroupfs::FileError, Unavailable and RunError.
cgroupfs::Cgroup make_run_group(const Plan& plan, const Placement& placement);

/// The cgroups of one run. Killed and removed at the latest with this object.
///
/// limit-first: one group, in which the child is born.
/// course: an outer group whose limit holds the hog as long as it has none of
/// its own, and in it `outside`, where the child starts, and `memorydemo`,
/// where it is moved to.
class RunGroups {
 public:
  /// Makes them under `placement.parent`. Throws cgroupfs::FileError, and
  /// RunError when the outer limit is not in force.
  static RunGroups create(const Plan& plan, const Placement& placement);

  /// The group whose limit is the subject of the run.
  const cgroupfs::Cgroup& target() const noexcept {
    return inside_ ? *inside_ : top_;
  }
  /// The group that the child starts in.
  const cgroupfs::Cgroup& birthplace() const noexcept {
    return outside_ ? *outside_ : top_;
  }
  const cgroupfs::Memory& memory() const noexcept { return *memory_; }
  /// Of the birthplace, where it is another; else nullptr.
  const cgroupfs::Memory* outside_memory() const noexcept {
    return outside_memory_ ? &*outside_memory_ : nullptr;
  }
  /// The controller of everything that was made here: its oom_kills() count a
  /// kill wherever the child was.
  const cgroupfs::Memory& top_memory() const noexcept {
    return top_memory_ ? *top_memory_ : *memory_;
  }
  /// All that was made here.
  const cgroupfs::Cgroup& top() const noexcept { return top_; }
  const std::string& top_path() const noexcept { return top_.path(); }

  /// Kills what is inside and removes all. Throws cgroupfs::FileError.
  void remove();
  /// Leaves the groups, emptied of processes, to the user.
  void keep();

 private:
  explicit RunGroups(cgroupfs::Cgroup top) : top_(std::move(top)) {}
  void make_course_groups(const Plan& plan);

  cgroupfs::Cgroup top_;
  std::optional<cgroupfs::Cgroup> outside_;
  std::optional<cgroupfs::Cgroup> inside_;
  std::optional<cgroupfs::Memory> memory_;
  std::optional<cgroupfs::Memory> outside_memory_;
  /// nullopt where the target is the top.
  std::optional<cgroupfs::Memory> top_memory_;
};

}  // namespace lab
