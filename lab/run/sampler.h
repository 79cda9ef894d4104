// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "lab/os/timer_fd.h"
#include "lab/record/record.h"
#include "lab/run/run_cgroups.h"
#include "lab/run/run_process.h"

namespace lab {

/// Reads usage and progress at a constant rate into columns and, less often,
/// the composition of the usage: memory.stat takes ten times as long to read as
/// the usage, and lags.
class Sampler {
 public:
  /// Borrows both. Reads the usage of each of `cgroups` and the memory that
  /// `process` has touched. Throws cgroupfs::FileError.
  Sampler(const std::deque<RunCgroup>& cgroups, const RunProcess& process,
          nanoseconds interval);

  /// Readable when the next sample is due.
  int fd() const noexcept { return timer_.fd(); }
  /// Takes one sample now. When the columns are full, every second sample is
  /// dropped and the interval doubled, so that a long run stays small. Throws
  /// cgroupfs::FileError.
  void sample();
  /// Times are CLOCK_MONOTONIC.
  const Samples& samples() const noexcept { return samples_; }
  /// The composition of the first cgroup's usage at its highest sample; nullopt
  /// before the first.
  const std::optional<PeakSplit>& highest() const noexcept { return highest_; }
  /// Moves out the columns.
  Samples take() noexcept { return std::move(samples_); }

 private:
  void sample_stat(std::int64_t now_ns);
  void note_highest(std::int64_t now_ns);

  const std::deque<RunCgroup>& cgroups_;
  const RunProcess& process_;
  nanoseconds interval_;
  TimerFd timer_;
  Samples samples_;
  Column row_;  ///< the usages at one moment
  std::optional<PeakSplit> highest_;
  std::int64_t next_stat_ns_ = 0;
  std::int64_t stat_interval_ns_ = 100000000;
};

}  // namespace lab
