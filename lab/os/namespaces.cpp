// SPDX-License-Identifier: MIT
#include "lab/os/namespaces.h"

#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>

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

bool proc_has_own_pids() noexcept {
  char pid[16];
  const ssize_t size = ::readlink("/proc/self", pid, sizeof pid);
  return size > 0 && std::string_view(pid, static_cast<std::size_t>(size)) ==
                         std::to_string(::getpid());
}

}  // namespace lab
