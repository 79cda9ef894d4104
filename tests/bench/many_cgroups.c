// SPDX-License-Identifier: MIT
// Cgroups to watch: creates COUNT memory cgroups below PARENT_DIRECTORY. With
// "busy" each has a process that maps and fills 264 KiB, or unmaps them, ten
// times a second. Prints "ready", and removes all when its standard input ends.
//
// Usage: many_cgroups PARENT_DIRECTORY COUNT idle|busy
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
#include <unistd.h>

static char path[4200];

static const char* group(const char* parent, int number) {
  snprintf(path, sizeof path, "%s/cglab.many.%d-%d", parent, (int)getpid(),
           number);
  return path;
}

static void work(const char* directory) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  char file[4300];
  snprintf(file, sizeof file, "%s/cgroup.procs", directory);
  const int fd = open(file, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, "0", 1) != 1) _exit(3);
  close(fd);
  // More than the kernel charges ahead: the usage changes each time.
  const size_t bytes = 264 << 10;
  for (;;) {
    char* const memory =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    usleep(100000);
    if (memory != MAP_FAILED) munmap(memory, bytes);
    usleep(100000);
  }
}

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const int count = atoi(argv[2]);
  const int is_busy = strcmp(argv[3], "busy") == 0;
  pid_t* const workers = calloc((size_t)count, sizeof *workers);
  if (!workers) return 3;
  int status = 0;
  int made = 0;
  for (; made < count && status == 0; ++made) {
    const char* const directory = group(argv[1], made);
    if (mkdir(directory, 0755) != 0) {
      perror(directory);
      status = 3;
      break;
    }
    if (!is_busy) continue;
    workers[made] = fork();
    if (workers[made] == 0) work(directory);
  }
  if (status == 0) {
    puts("ready");
    fflush(stdout);
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
  }
  for (int i = 0; i < made; ++i) {
    if (workers[i] <= 0) continue;
    kill(workers[i], SIGKILL);
    waitpid(workers[i], NULL, 0);
  }
  for (int i = 0; i < made; ++i) {
    while (rmdir(group(argv[1], i)) != 0 && errno == EBUSY) usleep(1000);
  }
  return status;
}
