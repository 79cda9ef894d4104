// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "cgroupfs/hierarchy.h"
#include "lab/watch/watched_process.h"

namespace lab {

/// A cgroup of the memory hierarchy that others made.
struct WatchTarget {
  cgroupfs::Hierarchy hierarchy;
  std::string path;                       ///< its directory
  std::optional<WatchedProcess> process;  ///< that it was found by
};

/// Finds what `argument` means: digits are a process, whose memory cgroup it is
/// (v2: the nearest one that has the controller, for that one is charged);
/// anything else is a path, of the host or from the mount point on. Throws
/// UsageError for what is not there, Unavailable for what cannot be watched (no
/// memory controller; the v2 root), and as WatchedProcess.
WatchTarget find_watch_target(const std::string& argument,
                              const cgroupfs::HostFiles& files = {});

}  // namespace lab
