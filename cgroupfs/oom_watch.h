// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/unique_fd.h"

namespace cgroupfs {

/// A pollable descriptor that wakes when the OOM counters of a cgroup may have
/// moved. A wake is a hint: it may be early, late, spurious (v1: once more at
/// rmdir) or for a descendant; the counters, read after the victim was reaped,
/// are the truth.
class OomWatch {
 public:
  /// Throws NotSupported (missing file, EOPNOTSUPP on PREEMPT_RT) and
  /// FileError. v2: poll was measured to be quicker than inotify, from the last
  /// touch to the first wake, emulated 6.1, one and two CPUs: 0.6 and 2.5 ms
  /// against 0.6 and 4.5 ms; both see the kill itself after 12 to 15 ms, for
  /// the kernel holds further wakes back by 10 ms.
  static OomWatch open(const Cgroup& group);

  /// Borrowed; valid as long as this object.
  int fd() const noexcept { return fd_.get(); }
  /// What poll(2) has to wait for on fd(): POLLIN or POLLPRI.
  short poll_events() const noexcept;
  /// How the kernel notifies: "eventfd" (v1, on memory.oom_control by
  /// cgroup.event_control) or "poll" (v2, POLLPRI on memory.events).
  const char* mechanism() const noexcept { return mechanism_; }
  /// Takes the pending wakes, so that poll(2) sleeps until the next. Never
  /// blocks. Returns how often an `eventfd` was signalled, which is once for
  /// each OOM at the limit of the cgroup or of an ancestor; 1 for a wake of
  /// `poll`; 0 when there was nothing to take or the cgroup is gone. 0 straight
  /// after a wake of `poll` means gone: its descriptor stays readable.
  std::uint64_t drain();

 private:
  OomWatch(const char* mechanism, UniqueFd fd) noexcept;

  const char* mechanism_;
  UniqueFd fd_;
};

}  // namespace cgroupfs
