// SPDX-License-Identifier: MIT
#pragma once

#include "lab/os/signal_fd.h"
#include "lab/place/placement.h"
#include "lab/record/record.h"

namespace lab {

/// Is told of a run while it goes on. Times in what it is given are
/// CLOCK_MONOTONIC nanoseconds.
class Observer {
 public:
  virtual ~Observer() = default;
  /// The groups are made, nothing runs yet.
  virtual void on_start(const RunRecord& record) = 0;
  /// Something happened.
  virtual void on_event(const Event& event) = 0;
  /// A sample was taken: the last row of `samples`.
  virtual void on_sample(const Samples& samples) = 0;
  /// The child printed `text`.
  virtual void on_output(std::string_view text) = 0;
  /// The child has ended or was given up; teardown follows.
  virtual void on_end() = 0;
};

/// Runs `plan` in `placement` on one thread: cgroups made, limits written and
/// read back, child born inside, gate opened, everything followed in one poll
/// loop; at the end, in this order: reap, drain, last sample, counters,
/// teardown. A signal from `signals` or the deadline ends the run early and is
/// in the record. The verdict is left to analyze(). Throws cgroupfs::FileError,
/// RunError or Unavailable when a step failed, after having cleaned up.
RunRecord run(const Plan& plan, const Placement& placement,
              const Environment& environment, const SignalFd& signals,
              Observer& observer);

}  // namespace lab
