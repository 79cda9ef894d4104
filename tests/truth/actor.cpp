// SPDX-License-Identifier: MIT
#include "tests/truth/actor.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <limits>
#include <thread>

namespace truth_test {
namespace {

constexpr std::size_t bytes = std::size_t{64} << 20;
constexpr std::size_t page = 4096;

char* reserve(std::size_t size) {
  void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) ::_exit(1);
  return static_cast<char*>(memory);
}

void touch(char* memory) {
  for (std::size_t at = 0; at < bytes; at += page) {
    static_cast<volatile char*>(memory)[at] = 1;
  }
}

void wait_a_moment() {
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
}

int allocate_later() {
  char* const memory = reserve(bytes);
  wait_a_moment();
  touch(memory);
  return 1;
}

void rename(const char* name) {
  ::prctl(PR_SET_NAME, name);
}

/// After the leader has exited. An empty name is unchanged.
int allocate_in_thread(const char* name) {
  char* const memory = reserve(bytes);
  std::thread([memory, name] {
    if (*name != '\0') rename(name);
    wait_a_moment();
    touch(memory);
  }).detach();
  ::syscall(SYS_exit, 0);
  return 1;
}

/// A process whose leader has exited.
int kill_threads_by_hand() {
  const pid_t child = ::fork();
  if (child == 0) {
    std::thread(::pause).detach();
    ::syscall(SYS_exit, 0);
  }
  wait_a_moment();
  ::kill(child, SIGKILL);
  return 0;
}

int allocate_in_vfork_child() {
  char* const memory = reserve(bytes);
  const pid_t child = ::vfork();  // NOLINT: what the kernel does is tested
  if (child == 0) {
    touch(memory);
    ::_exit(0);
  }
  return 1;
}

int take(void* memory) {
  touch(static_cast<char*>(memory));
  return 0;
}

int take_renamed(void* memory) {
  rename("worker");
  wait_a_moment();
  return take(memory);
}

int allocate_in_clone(int (*function)(void*)) {
  constexpr std::size_t stack_size = std::size_t{1} << 20;
  char* const memory = reserve(bytes);
  char* const stack = reserve(stack_size);
  ::clone(function, stack + stack_size, CLONE_VM | SIGCHLD, memory);
  ::pause();
  return 1;
}

/// Then kills itself.
void allocate_in_child(char* memory) {
  const pid_t child = ::fork();
  if (child == 0) {
    wait_a_moment();
    touch(memory);
    ::_exit(0);
  }
  // Not reaped; without zombies (SIGCHLD ignored) it also returns at its end.
  siginfo_t end{};
  ::waitid(P_PID, static_cast<id_t>(child), &end, WEXITED | WNOWAIT);
  ::kill(::getpid(), SIGKILL);
}

int allocate_in_ignored_child() {
  ::signal(SIGCHLD, SIG_IGN);
  allocate_in_child(reserve(bytes));
  return 1;
}

int allocate_in_unwaited_child() {
  allocate_in_child(reserve(bytes));
  return 1;
}

/// This many times.
int write_to_log(const std::string& text, long times) {
  const int fd = ::open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return 1;
  for (long i = 0; i < times; ++i) {
    if (::write(fd, text.data(), text.size()) < 0) return 1;
  }
  return 0;
}

/// More than the kernel keeps.
int flood(bool forever) {
  return write_to_log("<7>" + std::string(900, '.'),
                      forever ? std::numeric_limits<long>::max() : 2000);
}

/// From user space (facility 1), and quoted by the kernel (facility 0).
int forge(const std::string& pid) {
  const std::string line =
      "Memory cgroup out of memory: Killed process " + pid +
      " (sh) total-vm:2576kB, anon-rss:96kB, file-rss:900kB, shmem-rss:0kB, "
      "UID:0 pgtables:44kB oom_score_adj:0";
  ::mount("none", "/", "tmpfs", 0, line.c_str());
  return write_to_log(line, 1);
}

/// For a setuid program. cglab cannot end it, and gives up long before it ends.
int become_root() {
  if (::setresuid(0, 0, 0) != 0) return 1;
  ::sleep(20);
  return 0;
}

/// For as long as a test may take.
int trace(const std::string& file) {
  pid_t pid = 0;
  while (pid == 0) {
    std::ifstream(file) >> pid;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  if (::ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) != 0) return 1;
  ::sleep(60);
  return 0;
}

}  // namespace

int act(const std::vector<std::string>& words) {
  const std::string role = words.empty() ? "" : words.front();
  if (role == "hog") return allocate_later();
  if (role == "thread") return allocate_in_thread("");
  if (role == "renamed_thread") return allocate_in_thread("worker");
  if (role == "thread_by_hand") return kill_threads_by_hand();
  if (role == "vfork") return allocate_in_vfork_child();
  if (role == "clone") return allocate_in_clone(take);
  if (role == "renamed_clone") return allocate_in_clone(take_renamed);
  if (role == "orphans") return allocate_in_ignored_child();
  if (role == "unwaited") return allocate_in_unwaited_child();
  if (role == "forge" && words.size() == 2) return forge(words[1]);
  if (role == "root") return become_root();
  if (role == "trace" && words.size() == 2) return trace(words[1]);
  if (role == "flood") return flood(true);
  if (role == "flood_once") return flood(false);
  std::cerr << "unknown role '" << role << "'\n";
  return 2;
}

}  // namespace truth_test
