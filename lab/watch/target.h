// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "cgroupfs/hierarchy.h"

namespace lab {

/// A cgroup of the memory hierarchy that others made.
struct WatchTarget {
  cgroupfs::Hierarchy hierarchy;
  std::string path;          ///< its directory
  std::optional<pid_t> pid;  ///< the process that it was found by
};

/// Finds what `argument` means: digits are a process, whose memory cgroup it is
/// (v2: the nearest one that has the controller, for that one is charged);
/// anything else is a path, of the host or from the mount point on. Throws
/// UsageError for what is not there, Unavailable for what cannot be watched (no
/// memory controller; the v2 root), RunError for a process out of sight.
WatchTarget find_watch_target(const std::string& argument,
                              const cgroupfs::HostFiles& files = {});

}  // namespace lab
