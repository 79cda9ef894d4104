// SPDX-License-Identifier: MIT
// OOM kills in cgroups that live for milliseconds: creates COUNT memory cgroups
// one after another, each with a limit of LIMIT bytes and a child inside that
// is OOM-killed there, and removes each at once. Prints how many children were
// killed by SIGKILL, and how long the cgroups existed.
//
// Usage: kill_storm PARENT_DIRECTORY COUNT LIMIT_BYTES
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char path[4200];

static const char* place(const char* group, const char* file) {
  snprintf(path, sizeof path, "%s/%s", group, file);
  return path;
}

static int put(const char* group, const char* file, const char* text) {
  const int fd = open(place(group, file), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  const ssize_t count = write(fd, text, strlen(text));
  close(fd);
  return count < 0 ? -1 : 0;
}

static void fail(const char* what) {
  perror(what);
  exit(3);
}

static double now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/// Twice the limit: the child does not survive it.
static void take(const char* group, size_t bytes) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // The preferred victim, whatever else happens on this host.
  const int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd >= 0 && write(fd, "1000", 4) == 4) close(fd);
  if (put(group, "cgroup.procs", "0") != 0) _exit(3);
  char* const memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) _exit(3);
  madvise(memory, bytes, MADV_NOHUGEPAGE);
  for (size_t i = 0; i < bytes; i += 4096) memory[i] = 1;
  _exit(0);
}

static int kill_one(const char* group, const char* limit, int is_v2) {
  if (mkdir(group, 0755) != 0) fail(group);
  const char* const file = is_v2 ? "memory.max" : "memory.limit_in_bytes";
  if (put(group, file, limit) != 0) fail(path);
  if (is_v2) put(group, "memory.swap.max", "0");
  const pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid == 0) take(group, 2 * strtoull(limit, NULL, 10));
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  while (rmdir(group) != 0) {
    if (errno != EBUSY) fail(group);
    usleep(100);
  }
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const int count = atoi(argv[2]);
  const int is_v2 = access(place(argv[1], "cgroup.controllers"), F_OK) == 0;
  int kills = 0;
  double longest = 0;
  double sum = 0;
  for (int i = 0; i < count; ++i) {
    char group[4100];
    snprintf(group, sizeof group, "%s/cglab.storm.%d-%d", argv[1],
             (int)getpid(), i);
    const double begin = now_ms();
    kills += kill_one(group, argv[3], is_v2);
    const double lived = now_ms() - begin;
    sum += lived;
    if (lived > longest) longest = lived;
  }
  printf("kills %d, cgroups existed %.1f ms on average, %.1f ms at most\n",
         kills, sum / count, longest);
  return kills == count ? 0 : 1;
}
