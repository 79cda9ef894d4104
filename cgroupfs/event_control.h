// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <utility>

#include "cgroupfs/bytes.h"
#include "cgroupfs/cgroup.h"
#include "cgroupfs/unique_fd.h"

/// Notifications of cgroup v1 (Documentation/admin-guide/cgroup-v1/memory.rst).
namespace cgroupfs {

/// An eventfd that `file` of `group` notifies, by cgroup.event_control. Throws
/// NotSupported on v2 and where the kernel refuses notifications (PREEMPT_RT),
/// FileError for what else fails.
UniqueFd register_event(const Cgroup& group, File file,
                        std::string_view arguments = {});

/// Takes the pending notifications of such an eventfd; false when there was
/// none. Never blocks.
bool drain_event(int fd) noexcept;

/// A pollable descriptor (POLLIN) that wakes each time that the usage of a
/// cgroup crosses a threshold, upwards or downwards ("Memory thresholds").
class UsageWatch {
 public:
  /// Throws as register_event().
  static UsageWatch open(const Cgroup& group, Bytes threshold);

  int fd() const noexcept { return fd_.get(); }
  /// As drain_event().
  bool drain() noexcept { return drain_event(fd()); }

 private:
  explicit UsageWatch(UniqueFd fd) noexcept : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace cgroupfs
