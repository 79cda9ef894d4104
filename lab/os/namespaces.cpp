// SPDX-License-Identifier: MIT
#include "lab/os/namespaces.h"

#include <sys/stat.h>

namespace lab {
namespace {

constexpr ino_t initial_pid = 0xEFFFFFFC;     // PROC_PID_INIT_INO
constexpr ino_t initial_cgroup = 0xEFFFFFFB;  // PROC_CGROUP_INIT_INO

bool has_inode(const char* file, ino_t inode) noexcept {
  struct stat status {};
  return ::stat(file, &status) == 0 && status.st_ino == inode;
}

}  // namespace

bool in_initial_pid_namespace() noexcept {
  return has_inode("/proc/self/ns/pid", initial_pid);
}

bool in_initial_cgroup_namespace() noexcept {
  return has_inode("/proc/self/ns/cgroup", initial_cgroup);
}

}  // namespace lab
