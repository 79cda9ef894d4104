// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>

#include "lab/os/signal_fd.h"
#include "lab/watch/sample.h"
#include "lab/watch/target.h"

namespace lab {

/// Is told what is seen of a cgroup. What it throws ends the watch.
class WatchObserver {
 public:
  virtual ~WatchObserver() = default;
  virtual void on_start(const WatchStart& start) = 0;
  virtual void on_sample(const WatchSample& sample) = 0;
  virtual void on_kill(const Moment& moment, const WatchedKill& kill) = 0;
  virtual void on_limit_change(const Moment& moment,
                               const LimitChange& change) = 0;
  virtual void on_process_change(const Moment& moment,
                                 const ProcessChange& change) = 0;
  virtual void on_rename(const Moment& moment, const GroupRename& rename) = 0;
  /// Not called when the reader is gone.
  virtual void on_end(const WatchEnd& end) = 0;
};

/// How to watch.
struct WatchPlan {
  nanoseconds interval = std::chrono::seconds(1);  ///< between samples
  std::optional<std::uint64_t> count;              ///< ends after so many
  /// Where the observer writes to, borrowed: an error or hang-up there ends the
  /// watch. -1: none.
  int reader_fd = -1;
};

/// Follows `target` on one thread until it is gone, a signal comes, the samples
/// are all taken or nobody reads any more. Opens everything read-only: on v2
/// the kernel wakes the watch by memory.events, on v1, where that would have to
/// be written for, kills are seen in the kernel's log or by the next sample. A
/// process by which the cgroup was found is not followed into another one: that
/// it moved is noticed at the next sample, or after a second; where it was in
/// between is not. Throws cgroupfs::FileError, cgroupfs::ParseError and what
/// the observer throws.
WatchEnd watch(WatchTarget target, const WatchPlan& plan,
               const SignalFd& signals, WatchObserver& observer);

}  // namespace lab
