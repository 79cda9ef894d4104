// SPDX-License-Identifier: MIT
#include "lab/run/scratch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"

namespace lab {
namespace {

/// Created by scripts/vm, whose file systems are all in memory.
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

bool is_block_device(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISBLK(status.st_mode);
}

std::string path_of(int fd) {
  return fmt::format("/proc/{}/fd/{}", ::getpid(), fd);
}

/// An unnamed file in `folder`, unless that is in memory.
cgroupfs::UniqueFd open_in(const std::string& folder) {
  cgroupfs::UniqueFd fd(
      ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  return fd && !lies_in_memory(fd.get()) ? std::move(fd) : cgroupfs::UniqueFd();
}

cgroupfs::UniqueFd open_on_disk() {
  const std::string place = ScratchFile::place_on_disk();
  return place == scratch_device
             ? cgroupfs::UniqueFd(::open(scratch_device, O_RDWR | O_CLOEXEC))
             : open_in(place);
}

}  // namespace

ScratchFile::ScratchFile(cgroupfs::UniqueFd fd)
    : fd_(std::move(fd)),
      path_(path_of(fd_.get())),
      shared_(is_block_device(fd_.get())) {}

std::string ScratchFile::place_on_disk() {
  for (const std::string& folder : folders()) {
    if (open_in(folder)) return folder;
  }
  return ::access(scratch_device, R_OK | W_OK) == 0 ? scratch_device : "";
}

ScratchFile ScratchFile::create(Backing backing) {
  if (backing == Backing::tmpfs) {
    cgroupfs::UniqueFd fd(::memfd_create("cglab-tmpfs", MFD_CLOEXEC));
    if (!fd) cgroupfs::throw_errno("create", "memfd cglab-tmpfs");
    return ScratchFile(std::move(fd));
  }
  cgroupfs::UniqueFd fd = open_on_disk();
  if (!fd) {
    throw Unavailable(
        "no folder on a disk to read a file from: $TMPDIR, /var/tmp, /tmp and "
        "the current folder are in memory or not writable",
        "set TMPDIR to a folder on a disk", /*vm_helps=*/true, " --swap 256M");
  }
  ScratchFile file(std::move(fd));
  // Pages that an earlier run has read would not be charged again.
  if (file.shared()) {
    ::posix_fadvise(file.fd_.get(), 0, 0, POSIX_FADV_DONTNEED);
  }
  return file;
}

}  // namespace lab
