// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "cgroupfs/cgroup.h"
#include "lab/child.h"
#include "lab/record.h"

namespace lab {

/// Reads which processes are in the cgroup of a run and its descendants, and
/// notes in the record what no later reading takes back.
class MemberReader {
 public:
  /// Borrows both. `group` holds all of the run.
  MemberReader(const cgroupfs::Cgroup& group, Membership& membership);

  /// read(), unless the last one was less than 10 ms before `now_ns`
  /// (CLOCK_MONOTONIC): it takes ten times as long as a sample of the usage.
  void sample(const Child& child, std::int64_t now_ns);
  /// Reads cgroup.procs; where `child` is not in it though alive,
  /// /proc/PID/cgroup says where it is. What cannot be read is left out.
  void read(const Child& child);
  /// Of a child that has ended and was not reaped: whether it has waited for
  /// children, which no reading may have shown.
  void read_ended(const Child& child);

 private:
  void look_for(const Child& child);

  const cgroupfs::Cgroup& group_;
  std::string name_;  ///< of the cgroup, "/..."
  Membership& membership_;
  std::int64_t next_ns_ = 0;
};

}  // namespace lab
