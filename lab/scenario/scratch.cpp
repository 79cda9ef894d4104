// SPDX-License-Identifier: MIT
#include "lab/scenario/scratch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "cgroupfs/error.h"
#include "lab/errors.h"

namespace lab {
namespace {

/// Made by scripts/vm, whose file systems all lie in memory.
constexpr char scratch_device[] = "/dev/cglab_disk";

/// Folders in which people may keep large files.
std::vector<std::string> folders() {
  std::vector<std::string> result;
  if (const char* folder = std::getenv("TMPDIR")) result.emplace_back(folder);
  result.insert(result.end(), {"/var/tmp", "/tmp", "."});
  return result;
}

bool lies_in_memory(int fd) {
  struct statfs status {};
  return ::fstatfs(fd, &status) != 0 || status.f_type == TMPFS_MAGIC ||
         status.f_type == RAMFS_MAGIC;
}

std::string path_of(int fd) {
  return fmt::format("/proc/{}/fd/{}", ::getpid(), fd);
}

cgroupfs::UniqueFd open_on_disk() {
  for (const std::string& folder : folders()) {
    cgroupfs::UniqueFd fd(
        ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (fd && !lies_in_memory(fd.get())) return fd;
  }
  return cgroupfs::UniqueFd(::open(scratch_device, O_RDWR | O_CLOEXEC));
}

}  // namespace

ScratchFile ScratchFile::create(Backing backing) {
  if (backing == Backing::tmpfs) {
    cgroupfs::UniqueFd fd(::memfd_create("cglab-tmpfs", MFD_CLOEXEC));
    if (!fd) cgroupfs::throw_errno("create", "memfd cglab-tmpfs");
    std::string path = path_of(fd.get());
    return ScratchFile(std::move(fd), std::move(path));
  }
  cgroupfs::UniqueFd fd = open_on_disk();
  if (!fd) {
    throw Unavailable(
        "no folder on a disk to read a file from: $TMPDIR, /var/tmp, /tmp and "
        "the current folder lie in memory or may not be written",
        "set TMPDIR to a folder on a disk", /*vm_helps=*/true, " --swap 256M");
  }
  std::string path = path_of(fd.get());
  return ScratchFile(std::move(fd), std::move(path));
}

}  // namespace lab
