// SPDX-License-Identifier: MIT
#include "lab/place/memory_access.h"

#include <exception>

#include "cgroupfs/cgroup.h"
#include "lab/base/errors.h"
#include "lab/place/placement.h"

namespace lab {

cgroupfs::Hierarchy memory_hierarchy(const cgroupfs::HostFiles& files) {
  const auto search = cgroupfs::find_controller("memory", files);
  if (search.v2) return *search.v2;
  if (search.v1) return *search.v1;
  throw Unavailable(no_memory_controller(search),
                    "boot with cgroup_enable=memory, or mount the hierarchy",
                    /*vm_helps=*/false);
}

std::optional<std::string> memory_membership(pid_t pid,
                                             cgroupfs::Version version) {
  return cgroupfs::membership_path(
      pid, version == cgroupfs::Version::v1 ? "memory" : "");
}

std::optional<cgroupfs::Memory> try_open_memory(const std::string& path,
                                                cgroupfs::Version version) {
  try {
    return cgroupfs::Memory::open(cgroupfs::Cgroup::open(path, version));
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace lab
