// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "cgroupfs/memory.h"
#include "lab/record/record.h"

namespace lab {

/// Reads what the usage consists of, seldom: memory.stat takes ten times as
/// long to read as the usage, and lags behind it.
class StatSampler {
 public:
  /// Takes a sample of `memory` at `now_ns` (CLOCK_MONOTONIC), if the last one
  /// is long enough ago. Throws cgroupfs::FileError.
  void sample(const cgroupfs::Memory& memory, std::int64_t now_ns);
  /// Gives the columns up.
  StatSamples take() noexcept { return std::move(samples_); }

 private:
  std::int64_t next_ns_ = 0;
  std::int64_t interval_ns_ = 100000000;
  StatSamples samples_;
};

}  // namespace lab
