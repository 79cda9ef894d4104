// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "cgroupfs/cgroup.h"
#include "lab/place/placement.h"
#include "lab/record/record.h"

namespace lab {

/// The pids limit of a run: in its memory cgroup, where that has the pids
/// controller too (v2), else in a cgroup of the same name in the hierarchy that
/// has it. Killed and removed when this object is destroyed.
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

  /// Where its cgroup is created, if the memory cgroup in `placement` cannot
  /// have the limit; nullopt: it can. Throws Unavailable.
  static std::optional<std::string> parent_beside(const Placement& placement);

  /// Moves `pid` in, unless its memory cgroup has the limit.
  void join(pid_t pid) const;
  /// From now on no process inside can fork: a fork bomb could fork faster than
  /// it is killed. Throws cgroupfs::FileError.
  void refuse_forks();
  /// The limit as read back and how often it has refused a fork, before
  /// refuse_forks(); nullopt when another program has removed the cgroup.
  /// Throws cgroupfs::FileError.
  std::optional<State> state() const;
  /// The refused forks from state().
  std::optional<std::uint64_t> refused() const;
  /// The cgroup created for it; nullptr where there is none.
  const cgroupfs::Cgroup* own() const noexcept {
    return own_ ? &*own_ : nullptr;
  }
  /// Path of the cgroup created for it; nullopt where there is none.
  std::optional<std::string> own_path() const;
  /// Kills the processes inside and removes it. Throws cgroupfs::FileError.
  void remove();
  /// Keeps it, with its limit, for the user. Throws cgroupfs::FileError.
  void keep();

 private:
  PidsLimit(std::optional<cgroupfs::Cgroup> own, const cgroupfs::Cgroup& group);
  void set(std::uint64_t tasks) const;
  std::optional<std::uint64_t> max() const;

  std::optional<cgroupfs::Cgroup> own_;
  cgroupfs::Cgroup pids_;              ///< borrowed; the one with the limit
  std::optional<State> state_before_;  ///< refuse_forks()
};

}  // namespace lab
