// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "cgroupfs/hierarchy.h"
#include "cgroupfs/memory.h"

namespace lab {

/// The memory hierarchy of this host. Throws Unavailable.
cgroupfs::Hierarchy memory_hierarchy(const cgroupfs::HostFiles& files = {});

/// nullopt where there is no controller or it may not be read.
std::optional<cgroupfs::Memory> try_open_memory(const std::string& path,
                                                cgroupfs::Version version);

}  // namespace lab
