// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cgroupfs/error.h"
#include "cgroupfs/hierarchy.h"
#include "cgroupfs/memory.h"

namespace lab {

/// `read()`, or nullopt where the kernel does not have it.
template <typename Read>
auto if_supported(const Read& read) -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const cgroupfs::NotSupported&) {
    return std::nullopt;
  }
}

/// The memory hierarchy of this host. Throws Unavailable.
cgroupfs::Hierarchy memory_hierarchy(const cgroupfs::HostFiles& files = {});

/// nullptr where there is no controller or it may not be read.
std::unique_ptr<cgroupfs::MemoryController> try_open_memory(
    const std::string& path, cgroupfs::Version version);

}  // namespace lab
