// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "cgroupfs/hierarchy.h"
#include "lab/watch/watched_process.h"

namespace lab {

/// An existing cgroup of the memory hierarchy.
struct WatchTarget {
  cgroupfs::Hierarchy hierarchy;
  std::string path;                       ///< its directory
  std::optional<WatchedProcess> process;  ///< by which it was found
};

/// Finds the cgroup that `argument` denotes: digits are a process, and mean its
/// memory cgroup (v2: the nearest one with the controller, because that one is
/// charged); anything else is a path of the host or below the mount point.
/// Throws UsageError for a cgroup that does not exist, Unavailable for one that
/// cannot be watched (no memory controller; the v2 root), and as
/// WatchedProcess.
WatchTarget find_watch_target(const std::string& argument,
                              const cgroupfs::HostFiles& files = {});

}  // namespace lab
