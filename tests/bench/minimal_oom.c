// SPDX-License-Identifier: MIT
// The yardstick of `cglab oom --limit SIZE --ramp 0 --quiet`: the least that a
// C program can do for the same result on cgroup v1. It creates a memory cgroup
// in the given one, limits it, starts a child inside that allocates twice the
// limit with MADV_POPULATE_WRITE, reaps it, reads the counter and removes the
// cgroup. No messages, no samples, no proof beyond the counter.
//
// Usage: minimal_oom PARENT_DIRECTORY LIMIT_BYTES
// Exit status 0: the child was killed by SIGKILL and oom_kill is 1.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static void put(const char* directory, const char* file, const char* text) {
  char path[4200];
  snprintf(path, sizeof path, "%s/%s", directory, file);
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, text, strlen(text)) < 0) {
    perror(path);
    exit(3);
  }
  close(fd);
}

static int oom_kills(const char* directory) {
  char path[4200];
  char text[256] = "";
  snprintf(path, sizeof path, "%s/memory.oom_control", directory);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || read(fd, text, sizeof text - 1) < 0) perror(path);
  close(fd);
  const char* const counter = strstr(text, "oom_kill ");
  return counter ? atoi(counter + strlen("oom_kill ")) : -1;
}

static void take(size_t bytes) {
  char* const memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) _exit(1);
  madvise(memory, bytes, MADV_POPULATE_WRITE);
  _exit(0);
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  char group[4100];
  snprintf(group, sizeof group, "%s/cglab.minimal.%d", argv[1], (int)getpid());
  if (mkdir(group, 0755) != 0) {
    perror(group);
    return 3;
  }
  put(group, "memory.limit_in_bytes", argv[2]);
  const pid_t child = fork();
  if (child == 0) {
    put(group, "tasks", "0");
    take(2 * strtoull(argv[2], NULL, 10));
  }
  int status = 0;
  waitpid(child, &status, 0);
  const int kills = oom_kills(group);
  rmdir(group);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && kills == 1 ? 0
                                                                          : 1;
}
