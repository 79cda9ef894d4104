// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "cgroupfs/cgroup.h"
#include "lab/place/placement.h"
#include "lab/record/record.h"

namespace lab {

/// The limit of tasks of a run: in its memory cgroup, where that has the pids
/// controller too (v2), else in a cgroup of the same name in the hierarchy that
/// has it. Killed and removed at the latest with this object.
class PidsLimit {
 public:
  /// What its files say.
  struct State {
    std::optional<std::uint64_t> max;      ///< nullopt: no limit
    std::optional<std::uint64_t> refused;  ///< forks; nullopt: not counted
  };

  /// Makes the cgroup, writes the limit and reads it back. `group` is the
  /// memory cgroup that is limited, `top` the run's own, whose name a cgroup in
  /// another hierarchy has, too. Throws Unavailable with the fix,
  /// cgroupfs::FileError, and RunError when the limit is not in force.
  static PidsLimit create(std::uint64_t tasks, const cgroupfs::Cgroup& group,
                          const cgroupfs::Cgroup& top,
                          const Placement& placement);
  /// The same for a run whose only cgroup is `group`.
  static PidsLimit create(std::uint64_t tasks, const cgroupfs::Cgroup& group,
                          const Placement& placement) {
    return create(tasks, group, group, placement);
  }

  /// Where a cgroup for it is made, if the memory cgroup in `placement` cannot
  /// have it; nullopt: it can. Throws Unavailable.
  static std::optional<std::string> parent_beside(const Placement& placement);

  /// Moves `pid` in, where it is not by its memory cgroup.
  void join(pid_t pid) const;
  /// From here on no process inside can fork: a fork bomb could outrun its end.
  /// Throws cgroupfs::FileError.
  void refuse_forks();
  /// The limit as read back and how often it has refused a fork, before
  /// refuse_forks(); nullopt when another program has removed the cgroup.
  /// Throws cgroupfs::FileError.
  std::optional<State> state() const;
  /// Of that, the forks.
  std::optional<std::uint64_t> refused() const;
  /// The cgroup made for it; nullptr where there is none.
  const cgroupfs::Cgroup* own() const noexcept {
    return own_ ? &*own_ : nullptr;
  }
  /// Path of the cgroup made for it; nullopt where there is none.
  std::optional<std::string> own_path() const;
  /// Kills what is inside and removes it. Throws cgroupfs::FileError.
  void remove();
  /// Leaves it, with its limit, to the user. Throws cgroupfs::FileError.
  void keep();

 private:
  PidsLimit(std::optional<cgroupfs::Cgroup> own, const cgroupfs::Cgroup& group);
  void set(std::uint64_t tasks) const;
  std::optional<std::uint64_t> max() const;

  std::optional<cgroupfs::Cgroup> own_;
  cgroupfs::Cgroup pids_;              ///< borrowed; that which has the limit
  std::optional<State> state_before_;  ///< refuse_forks()
};

}  // namespace lab
