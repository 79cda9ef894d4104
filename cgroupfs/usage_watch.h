// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include "cgroupfs/bytes.h"
#include "cgroupfs/cgroup.h"
#include "cgroupfs/unique_fd.h"

namespace cgroupfs {

/// v1: a pollable descriptor (POLLIN) that wakes each time that the usage of a
/// cgroup crosses a threshold, upwards or downwards. Rests on
/// Documentation/admin-guide/cgroup-v1/memory.rst ("Memory thresholds").
class UsageWatch {
 public:
  /// Throws NotSupported on v2 and where the kernel refuses notifications,
  /// FileError for what else fails.
  static UsageWatch open(const Cgroup& group, Bytes threshold);

  int fd() const noexcept { return fd_.get(); }
  /// Takes the pending wakes; false when there was none. Never blocks.
  bool drain();

 private:
  explicit UsageWatch(UniqueFd fd) noexcept : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace cgroupfs
