// SPDX-License-Identifier: MIT
#include "lab/memory_access.h"

#include <exception>

#include "cgroupfs/cgroup.h"

namespace lab {

std::unique_ptr<cgroupfs::MemoryController> try_open_memory(
    const std::string& path, cgroupfs::Version version) {
  try {
    return cgroupfs::open_memory(cgroupfs::Cgroup::open(path, version));
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace lab
