// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/unique_fd.h"

namespace cgroupfs {

/// A pollable descriptor that becomes ready when the OOM counters of a cgroup
/// may have changed. A wake-up is a hint: it may be early, late, spurious (v1:
/// once more at rmdir) or for a descendant; only the counters, read after the
/// victim was reaped, are reliable.
class OomWatch {
 public:
  /// Throws NotSupported (missing file, EOPNOTSUPP on PREEMPT_RT) and
  /// FileError. v2 uses poll, which was faster than inotify: from the last
  /// touch to the first wake-up 0.6 and 2.5 ms against 0.6 and 4.5 ms (emulated
  /// 6.1, one and two CPUs); both report the kill itself after 12 to 15 ms,
  /// because the kernel delays further wake-ups by 10 ms.
  static OomWatch open(const Cgroup& group);

  /// Borrowed; valid as long as this object.
  int fd() const noexcept { return fd_.get(); }
  /// The event of fd() to pass to poll(2): POLLIN or POLLPRI.
  short poll_events() const noexcept;
  /// How the kernel notifies: "eventfd" (v1, memory.oom_control through
  /// cgroup.event_control) or "poll" (v2, POLLPRI on memory.events).
  const char* mechanism() const noexcept { return mechanism_; }
  /// Consumes the pending wake-ups, so that poll(2) sleeps until the next one.
  /// Never blocks. Returns how often an `eventfd` was signalled, which is once
  /// for each OOM at the limit of the cgroup or of an ancestor; 1 for a wake-up
  /// of `poll`; 0 when none was pending or the cgroup is gone. 0 right after a
  /// wake-up of `poll` means gone: its descriptor stays readable.
  std::uint64_t drain();

 private:
  OomWatch(const char* mechanism, UniqueFd fd) noexcept;

  const char* mechanism_;
  UniqueFd fd_;
};

}  // namespace cgroupfs
