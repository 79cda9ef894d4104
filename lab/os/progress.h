// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>

#include "cgroupfs/unique_fd.h"
#include "lab/base/units.h"
#include "malloc_demo/progress.h"

namespace lab {

/// The page in which the hog reports its progress. Created and first touched
/// here, so that it is charged to the harness and not to the hog.
class Progress {
 public:
  /// Throws cgroupfs::FileError.
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// The memfd to pass to the hog; still owned by this object.
  int fd() const noexcept { return fd_.get(); }
  /// Bytes that the hog has touched so far.
  Bytes touched() const noexcept;
  /// CLOCK_MONOTONIC nanoseconds of its last touch; nullopt before the first.
  std::optional<std::int64_t> last_touch() const noexcept;

 private:
  cgroupfs::UniqueFd fd_;
  malloc_demo::ProgressPage* page_ = nullptr;
};

}  // namespace lab
