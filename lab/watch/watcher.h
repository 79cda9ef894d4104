// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>

#include "lab/os/signal_fd.h"
#include "lab/watch/sample.h"
#include "lab/watch/target.h"

namespace lab {

/// Receives the observations of a watch. An exception that it throws ends the
/// watch.
class WatchObserver {
 public:
  virtual ~WatchObserver() = default;
  virtual void on_start(const WatchStart& start) = 0;
  virtual void on_sample(const WatchSample& sample) = 0;
  /// Read again when something may have happened between two samples; before
  /// on_kill().
  virtual void on_counters(const Counters& /*counters*/,
                           const std::optional<Bytes>& /*peak*/) {}
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
  std::optional<std::uint64_t> count;  ///< of samples, after which it ends
  /// The descriptor to which the observer writes, borrowed: an error or hang-up
  /// there ends the watch. -1: none.
  int reader_fd = -1;
};

/// Follows `target` in one thread until it is gone, a signal arrives, all
/// samples are taken or the output is closed. Opens everything read-only: on v2
/// memory.events wakes the watch; on v1, where a notification must be
/// registered by a write, kills are found in the kernel log or at the next
/// sample. The process by which the cgroup was found is not followed into
/// another one: a move is detected at the next sample, or after a second;
/// cgroups in between are not. Throws cgroupfs::FileError, cgroupfs::ParseError
/// and the exceptions of the observer.
WatchEnd watch(WatchTarget target, const WatchPlan& plan,
               const SignalFd& signals, WatchObserver& observer);

}  // namespace lab
