// SPDX-License-Identifier: MIT
#include "tests/cli/own_world.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/directory.h"
#include "tests/cli/cli_test.h"

namespace cli_test {
namespace {

void require(bool done) {
  if (!done) ::_exit(unprepared_status);
}

bool mount(const char* source, const std::string& target, const char* type,
           unsigned long flags) {
  return ::mount(source, target.c_str(), type, flags, nullptr) == 0;
}

bool try_leave_mounts() {
  return ::unshare(CLONE_NEWNS) == 0 &&
         mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE);
}

bool try_unshare_all() {
  return ::unshare(CLONE_NEWPID | CLONE_NEWCGROUP) == 0 && try_leave_mounts();
}

/// In the place of what is mounted there: on top of it the kernel refuses the
/// same file system.
bool mount_cgroups(const std::string& target, cgroupfs::Version version) {
  const bool v1 = version == cgroupfs::Version::v1;
  ::umount2(target.c_str(), MNT_DETACH);
  return ::mount("none", target.c_str(), v1 ? "cgroup" : "cgroup2", 0,
                 v1 ? "memory" : nullptr) == 0;
}

/// Ends this process as `child` ends.
[[noreturn]] void follow(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
  }
  ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/// Older kernels let CAP_SYS_ADMIN read it, too.
bool try_lose_kernel_log() {
  return ::prctl(PR_CAPBSET_DROP, CAP_SYSLOG) == 0 &&
         ::prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN) == 0;
}

bool try_become_user(unsigned id) {
  return ::setgroups(0, nullptr) == 0 && ::setresgid(id, id, id) == 0 &&
         ::setresuid(id, id, id) == 0;
}

}  // namespace

void leave_mounts() {
  require(try_leave_mounts());
}

void make_read_only(const std::string& path) {
  require(mount(nullptr, path, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY));
}

void unmount(const std::string& path) {
  require(::umount2(path.c_str(), MNT_DETACH) == 0);
}

void hide(const std::string& path) {
  require(mount("none", path, "tmpfs", 0));
}

void hide_behind(const std::string& path, unsigned bytes) {
  const std::string size = "size=" + std::to_string(bytes);
  require(::mount("none", path.c_str(), "tmpfs", 0, size.c_str()) == 0);
}

void join_mounts_of(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/ns/mnt";
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  require(fd >= 0 && ::setns(fd, CLONE_NEWNS) == 0);
}

void replace_file(const std::string& path, const std::string& file) {
  require(mount(file.c_str(), path, nullptr, MS_BIND));
}

void enter_container(const std::string& box, const std::string& mount_point,
                     cgroupfs::Version version) {
  // What waits for the container stays outside of it.
  require(::unshare(CLONE_NEWPID) == 0 && try_leave_mounts());
  const pid_t child = ::fork();
  require(child >= 0);
  if (child > 0) follow(child);
  cgroupfs::Cgroup::open(box, version).add(0);
  require(::unshare(CLONE_NEWCGROUP) == 0);
  require(mount("proc", "/proc", "proc", 0));
  require(mount_cgroups(mount_point, version));
}

void enter_cgroup_namespace(const std::string& box,
                            const std::string& mount_point,
                            cgroupfs::Version version) {
  require(try_leave_mounts());
  const auto search = cgroupfs::find_controller("memory");
  const auto home = (search.v1 ? search.v1 : search.v2)->own_directory();
  require(home.has_value());
  // Opened before: a namespace may keep its processes inside (nsdelegate).
  const auto way_back =
      cgroupfs::Directory::open(*home).open_file("cgroup.procs", O_WRONLY);
  cgroupfs::Cgroup::open(box, version).add(0);
  require(::unshare(CLONE_NEWCGROUP) == 0);
  require(::write(way_back.get(), "0", 1) == 1);
  require(mount_cgroups(mount_point, version));
}

void hide_processes_of_others() {
  require(try_leave_mounts());
  require(::mount("proc", "/proc", "proc", 0, "hidepid=2") == 0);
}

void enter_pid_namespace(bool with_proc) {
  require(::unshare(CLONE_NEWPID) == 0 && try_leave_mounts());
  const pid_t child = ::fork();
  require(child >= 0);
  if (child > 0) follow(child);
  if (with_proc) require(mount("proc", "/proc", "proc", 0));
}

void forbid_calls(const std::vector<long>& numbers, int error) {
  std::vector<sock_filter> instructions{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const long number : numbers) {
    instructions.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                    static_cast<unsigned>(number), 0, 1));
    instructions.push_back(BPF_STMT(
        BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)));
  }
  instructions.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog program{static_cast<unsigned short>(instructions.size()),
                           instructions.data()};
  require(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
          ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

void forbid_process_calls() {
  forbid_calls({SYS_pidfd_open, SYS_kcmp}, EPERM);
}

void lose_kernel_log() {
  require(try_lose_kernel_log());
}

void become_user(unsigned id) {
  require(try_become_user(id));
}

std::string missing_for_own_mounts() {
  return succeeds_in_child(try_leave_mounts)
             ? ""
             : "mount namespaces: this process may not make one";
}

std::string missing_for_losing_kernel_log() {
  const auto restricted =
      cgroupfs::try_read_file("/proc/sys/kernel/dmesg_restrict");
  if (!restricted || restricted->starts_with('0')) {
    return "dmesg_restrict: any user may read the log";
  }
  return succeeds_in_child(try_lose_kernel_log)
             ? ""
             : "CAP_SETPCAP: this process does not have it";
}

std::string missing_for_container() {
  return succeeds_in_child(try_unshare_all)
             ? ""
             : "namespaces: this process may not make them";
}

std::string missing_for_user(unsigned id) {
  const std::string name = std::to_string(id);
  if (!succeeds_in_child([id] { return try_become_user(id); })) {
    return "root: this process may not become user " + name;
  }
  const bool reachable = succeeds_in_child([id] {
    return try_become_user(id) && ::access(cglab_path().c_str(), X_OK) == 0;
  });
  return reachable ? "" : "user " + name + " may not read the build folder";
}

}  // namespace cli_test
