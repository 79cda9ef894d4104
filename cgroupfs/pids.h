// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>

#include "cgroupfs/cgroup.h"

namespace cgroupfs {

/// The pids controller of one cgroup: how many tasks (threads count too) it and
/// what is below it may hold. The files are the same on both versions. Rests on
/// Documentation/admin-guide/cgroup-v2.rst ("PID") and
/// Documentation/admin-guide/cgroup-v1/pids.rst. All calls throw FileError and
/// ParseError.
class PidsController {
 public:
  /// Throws NotSupported when `group` has no pids controller.
  explicit PidsController(const Cgroup& group);

  /// pids.max; nullopt is no limit.
  void set_max(std::optional<std::uint64_t> tasks) const;
  std::optional<std::uint64_t> max() const;
  /// pids.current: tasks in it and below it now.
  std::uint64_t current() const;
  /// `max` of pids.events: how often a fork was refused; nullopt where the
  /// kernel does not count it.
  std::optional<std::uint64_t> refused() const;

 private:
  Directory directory_;
};

}  // namespace cgroupfs
