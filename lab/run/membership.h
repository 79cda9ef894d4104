// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "cgroupfs/cgroup.h"
#include "lab/os/child.h"
#include "lab/os/timer_fd.h"
#include "lab/place/placement.h"
#include "lab/record/record.h"

namespace lab {

/// `path` of a cgroup below `placement.parent`, from there on. The kernel names
/// cgroups from the hierarchy's root, which this process may not see: this tail
/// is what both names share.
std::string tail_below(const std::string& path, const Placement& placement);

/// Throws RunError unless `child` is in `group` by /proc/PID/cgroup
/// (cgroups(7)). A child that has ended is in none any more: its exit status
/// tells of it.
void verify_membership(const Child& child, const cgroupfs::Cgroup& group,
                       const Placement& placement);

/// Reads which processes are in the cgroup of a run and its descendants, and
/// notes in the record what no later reading takes back.
class MemberReader {
 public:
  /// Borrows all. `group` holds all of the run, and `target`, which may be the
  /// same, stays as long.
  MemberReader(const cgroupfs::Cgroup& group, const cgroupfs::Cgroup& target,
               Membership& membership);

  /// Readable when the next reading is due: every 100 ms, however seldom the
  /// samples are. For sample().
  int fd() const noexcept { return timer_.fd(); }
  /// read(), unless the last one was less than 10 ms ago: it takes ten times as
  /// long as a sample of the usage.
  void sample(const Child& child);
  /// Reads cgroup.procs; where `child` is not in it though alive,
  /// /proc/PID/cgroup says where it is.
  void read(const Child& child);
  /// Of a child that has ended and was not reaped: whether it has waited for
  /// children, which no reading may have shown.
  void read_ended(const Child& child);

 private:
  void look_for(const Child& child);

  const cgroupfs::Cgroup& group_;
  const cgroupfs::Cgroup& target_;
  std::string name_;  ///< of the cgroup, "/..."
  Membership& membership_;
  TimerFd timer_;
  std::int64_t last_ns_ = 0;
};

}  // namespace lab
