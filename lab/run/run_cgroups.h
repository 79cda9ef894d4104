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

/// The cgroups of a run, killed and removed at the latest with this object:
/// either one, the run's own, or several in the run's own, whose limit, the
/// guard, holds whatever has none.
class RunCgroups {
 public:
  /// Hears of each setting when it was written and read back.
  using OnWrite = std::function<void(const RunCgroup&, const Written&)>;

  /// Makes the run's own cgroup under `placement.parent`, named and locked as
  /// this process' own. Throws cgroupfs::FileError, Unavailable and RunError.
  RunCgroups(const Plan& plan, const Placement& placement,
             const Environment& environment, OnWrite on_write);
  /// Makes the others and writes all settings. Throws cgroupfs::FileError,
  /// cgroupfs::NotSupported and Unavailable for what this kernel lacks, and
  /// RunError when a setting is not in force.
  void build();

  std::deque<RunCgroup>& all() noexcept { return cgroups_; }
  const std::deque<RunCgroup>& all() const noexcept { return cgroups_; }
  /// The subject of the run.
  const RunCgroup& first() const noexcept { return cgroups_.front(); }
  /// Throws std::logic_error for a name that the run does not have.
  RunCgroup& at(const std::string& name);
  const cgroupfs::Cgroup& top() const noexcept { return top_; }
  /// Its oom_kills() count a kill wherever in the run it was.
  const cgroupfs::Memory& top_memory() const noexcept {
    return guard_memory_ ? *guard_memory_ : first().memory;
  }
  /// The limit of tasks; nullptr without one.
  const PidsLimit* pids() const noexcept { return pids_ ? &*pids_ : nullptr; }
  /// Writes one setting. A refusal by the kernel is in the result. Throws
  /// RunError when the kernel took it and has another value.
  Written write(RunCgroup& cgroup, const Setting& setting);
  /// Writes settings and the swap limit that belongs to them, in the order that
  /// the version needs, up to the first that the kernel refuses, which it
  /// returns. Throws RunError for what else is not in force.
  std::optional<Written> limit(RunCgroup& cgroup,
                               const std::vector<Setting>& settings);
  /// As lab::enable_oom_killer(), in all of them.
  void enable_oom_killer() const;

  /// Whether none was removed by another program. Throws cgroupfs::FileError.
  bool are_there() const;
  /// Whether none has lost its memory controller (v2). Throws
  /// cgroupfs::FileError.
  bool have_memory() const;

  /// Whether the pids limit has a cgroup of its own: who leaves the first
  /// cgroup may be in it still.
  bool has_own_pids() const noexcept { return pids_ && pids_->own(); }
  /// Whether a process is in the first cgroup, or in that one. Throws
  /// cgroupfs::FileError.
  bool populated() const;
  /// v1: another program has given the run's own cgroup another name.
  bool was_renamed() const;

  /// Kills what is in the first cgroup and in that of the pids limit, as
  /// kill_all(). Returns what does not end.
  std::vector<HeldProcess> kill_inside();
  /// Kills what is inside and removes all, or leaves it, emptied of processes,
  /// to the user. What is left behind is in `cleanup`, and why is returned:
  /// processes that cannot be killed.
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
