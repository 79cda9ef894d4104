// SPDX-License-Identifier: MIT
#pragma once

#include "cgroupfs/memory.h"
#include "lab/os/progress.h"
#include "lab/os/timer_fd.h"
#include "lab/record/record.h"
#include "lab/run/stat_sampler.h"

namespace lab {

/// Reads usage and progress at an even pace into columns.
class Sampler {
 public:
  /// Borrows all; without `progress` there is no such column. Throws
  /// cgroupfs::FileError.
  Sampler(std::vector<const cgroupfs::Memory*> memories,
          const Progress* progress, nanoseconds interval);

  /// Readable when the next sample is due.
  int fd() const noexcept { return timer_.fd(); }
  /// Takes one sample now. When the columns are full every second sample is
  /// dropped and the interval doubled, so that a long run stays small.
  void sample();
  /// Times are CLOCK_MONOTONIC.
  const Samples& samples() const noexcept { return samples_; }
  /// Gives the columns up.
  Samples take() noexcept {
    samples_.stat = stat_.take();
    return std::move(samples_);
  }

 private:
  void thin_out();

  std::vector<const cgroupfs::Memory*> memories_;
  const Progress* progress_;
  nanoseconds interval_;
  TimerFd timer_;
  Samples samples_;
  StatSampler stat_;
};

}  // namespace lab
