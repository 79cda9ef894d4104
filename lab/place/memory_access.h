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

/// The memory cgroup of process `pid` (0: this one) as /proc/PID/cgroup has it;
/// nullopt when it is gone. v1 shows the root there for a leader that has
/// exited: then it is the cgroup of its threads, and the root only when none of
/// them is left. Throws cgroupfs::FileError.
std::optional<std::string> memory_membership(pid_t pid,
                                             cgroupfs::Version version);

/// nullopt where there is no controller or it may not be read.
std::optional<cgroupfs::Memory> try_open_memory(const std::string& path,
                                                cgroupfs::Version version);

}  // namespace lab
