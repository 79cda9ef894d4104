// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "cgroupfs/hierarchy.h"
#include "cgroupfs/memory.h"

namespace lab {

/// The memory hierarchy of this host. Throws Unavailable.
cgroupfs::Hierarchy memory_hierarchy(const cgroupfs::HostFiles& files = {});

/// The memory cgroup of process `pid` (0: this one) from /proc/PID/cgroup;
/// nullopt when it is gone. There v1 shows the root for a leader that has
/// exited: then it is the cgroup of its threads, and the root only when no
/// thread remains. Throws cgroupfs::FileError.
std::optional<std::string> memory_membership(pid_t pid,
                                             cgroupfs::Version version);

/// Whether the cgroup at `path` has the memory controller. Throws
/// cgroupfs::FileError.
bool has_memory_controller(const std::string& path, cgroupfs::Version version);

/// The cgroup to which the memory of processes in `cgroup`, a directory of
/// `hierarchy`, is charged: the nearest one with the controller. nullopt: the
/// root of v2. Throws cgroupfs::FileError.
std::optional<std::string> charged_cgroup(const std::string& cgroup,
                                          const cgroupfs::Hierarchy& hierarchy);

/// nullopt where there is no controller or it is not readable.
std::optional<cgroupfs::Memory> try_open_memory(const std::string& path,
                                                cgroupfs::Version version);

}  // namespace lab
