// SPDX-License-Identifier: MIT
#include "lab/place/memory_access.h"

#include <unistd.h>

#include <charconv>
#include <exception>
#include <filesystem>
#include <system_error>

#include "cgroupfs/cgroup.h"
#include "lab/base/errors.h"
#include "lab/os/proc_stat.h"
#include "lab/place/cgroup_path.h"
#include "lab/place/missing_controller.h"
#include "lab/place/placement.h"

namespace lab {
namespace {

/// Shown by v1 also for a process that is exiting.
constexpr char root[] = "/";

/// The cgroup of the first thread that has not exited, in the order in which
/// the kernel chooses the next owner of the memory (mm_update_next_owner()).
/// The root when no thread remains.
std::string membership_of_threads(pid_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid) + "/task";
  std::error_code gone;
  for (std::filesystem::directory_iterator entry(folder, gone), end;
       entry != end; entry.increment(gone)) {
    const std::string name = entry->path().filename();
    pid_t thread = 0;
    std::from_chars(name.data(), name.data() + name.size(), thread);
    const auto path = cgroupfs::membership_path(thread, "memory");
    if (path && *path != root) return *path;
  }
  return root;
}

}  // namespace

cgroupfs::Hierarchy memory_hierarchy(const cgroupfs::HostFiles& files) {
  const auto search = cgroupfs::find_controller("memory", files);
  if (search.v2) return *search.v2;
  if (search.v1) return *search.v1;
  throw Unavailable(no_memory_controller(search),
                    missing_controller_cure("memory", files),
                    /*vm_helps=*/false);
}

std::optional<std::string> memory_membership(pid_t pid,
                                             cgroupfs::Version version) {
  if (version == cgroupfs::Version::v2) {
    return cgroupfs::membership_path(pid, "");
  }
  auto path = cgroupfs::membership_path(pid, "memory");
  if (path != root) return path;
  const auto stat = proc_stat(pid == 0 ? ::getpid() : pid);
  return stat && stat->exiting ? membership_of_threads(pid) : path;
}

bool has_memory_controller(const std::string& path, cgroupfs::Version version) {
  const auto directory = cgroupfs::Directory::try_open(path);
  return directory &&
         directory->exists(name_of(cgroupfs::File::memory_current, version));
}

std::optional<std::string> charged_cgroup(
    const std::string& cgroup, const cgroupfs::Hierarchy& hierarchy) {
  for (const std::string& path : upwards(cgroup, hierarchy.mount_point)) {
    if (has_memory_controller(path, hierarchy.version)) return path;
  }
  return std::nullopt;
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
