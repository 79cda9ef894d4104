// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/memory.h"
#include "lab/place/placement.h"
#include "lab/run/limits.h"
#include "lab/run/pids_limit.h"

namespace lab {

/// A cgroup of a run with its controller.
struct RunCgroup {
  std::string name;
  cgroupfs::Cgroup cgroup;  ///< borrowed
  cgroupfs::Memory memory;
};

/// The cgroups of a run, killed and removed when this object is destroyed:
/// either only the run's own, or several in the run's own, whose limit, the
/// guard, applies to those without a limit.
class RunCgroups {
 public:
  /// Called for each setting after it was written and read back.
  using OnWrite = std::function<void(const RunCgroup&, const Written&)>;

  /// Creates the run's own cgroup under `placement.parent`, named after and
  /// locked by this process. Throws cgroupfs::FileError, Unavailable and
  /// RunError.
  RunCgroups(const Plan& plan, const Placement& placement,
             const Environment& environment, OnWrite on_write);
  /// Creates the others and writes all settings. Throws cgroupfs::FileError,
  /// cgroupfs::NotSupported and Unavailable for features that this kernel
  /// lacks, and RunError when a setting is not in effect.
  void build();

  std::deque<RunCgroup>& all() noexcept { return cgroups_; }
  const std::deque<RunCgroup>& all() const noexcept { return cgroups_; }
  /// The subject of the run.
  const RunCgroup& first() const noexcept { return cgroups_.front(); }
  /// Throws std::logic_error for a name that the run does not have.
  RunCgroup& at(const std::string& name);
  const cgroupfs::Cgroup& top() const noexcept { return top_; }
  /// Its oom_kills() counts the kills of the whole run.
  const cgroupfs::Memory& top_memory() const noexcept {
    return guard_memory_ ? *guard_memory_ : first().memory;
  }
  /// The pids limit; nullptr without one.
  const PidsLimit* pids() const noexcept { return pids_ ? &*pids_ : nullptr; }
  /// Writes one setting. A refusal by the kernel is in the result. Throws
  /// RunError when the kernel accepted it and has a different value.
  Written write(RunCgroup& cgroup, const Setting& setting);
  /// Writes settings with the corresponding swap limit, in the order that the
  /// version requires, up to the first one that the kernel refuses, which it
  /// returns. Throws RunError for any other that is not in effect.
  std::optional<Written> limit(RunCgroup& cgroup,
                               const std::vector<Setting>& settings);
  /// As lab::enable_oom_killer(), in all of them.
  void enable_oom_killer() const;

  /// Whether none was removed by another program. Throws cgroupfs::FileError.
  bool are_there() const;
  /// Whether none has lost its memory controller (v2). Throws
  /// cgroupfs::FileError.
  bool have_memory() const;

  /// Whether the pids limit has a separate cgroup: a process that leaves the
  /// first cgroup may still be in it.
  bool has_own_pids() const noexcept { return pids_ && pids_->own(); }
  /// Whether a process is in the first cgroup, or in that of the pids limit.
  /// Throws cgroupfs::FileError.
  bool populated() const;
  /// v1: whether another program has renamed the run's own cgroup.
  bool was_renamed() const;

  /// Kills the processes in the first cgroup and in that of the pids limit, as
  /// kill_all(). Returns those that do not end.
  std::vector<HeldProcess> kill_inside();
  /// Kills the processes inside and removes all cgroups, or keeps them, without
  /// processes, for the user. `cleanup` has those left behind; returns the
  /// reason: processes that cannot be killed.
  std::vector<HeldProcess> end(bool keep, Cleanup& cleanup);

 private:
  void make(const CgroupSpec& spec);
  void guard();
  void require_swap_limit(const RunCgroup& cgroup,
                          const Written& written) const;
  Written limit_tasks(const RunCgroup& cgroup, std::uint64_t tasks);

  const Plan& plan_;
  const Placement& placement_;
  const Environment& environment_;
  OnWrite on_write_;
  cgroupfs::Cgroup top_;
  std::optional<cgroupfs::Memory> guard_memory_;
  std::deque<RunCgroup> cgroups_;
  std::optional<PidsLimit> pids_;
};

}  // namespace lab
