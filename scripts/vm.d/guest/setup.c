// SPDX-License-Identifier: MIT
#include "setup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "channel.h"

static void mount_at(const char* type, const char* path, unsigned long flags,
                     const char* options) {
  mkdir(path, 0755);
  if (mount(type, path, type, flags, options) == 0 || errno == EBUSY) return;
  // Before the channel is open this message is lost, and the check of the
  // mounts that matter is the command's own.
  const int log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
  if (log < 0) return;
  dprintf(log, "<3>vm init: mount %s: %s\n", path, strerror(errno));
  close(log);
}

static void loopback_up(void) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  struct ifreq request = {.ifr_flags = IFF_UP | IFF_RUNNING};
  strcpy(request.ifr_name, "lo");
  ioctl(fd, SIOCSIFFLAGS, &request);
  close(fd);
}

void setup_machine(void) {
  const unsigned long safe = MS_NOSUID | MS_NODEV;
  umask(0);
  mount_at("devtmpfs", "/dev", MS_NOSUID, "mode=0755");
  mount_at("proc", "/proc", safe | MS_NOEXEC, NULL);
  mount_at("sysfs", "/sys", safe | MS_NOEXEC, NULL);
  mount_at("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC,
           "gid=5,mode=620,ptmxmode=666");
  mount_at("tmpfs", "/dev/shm", safe, "mode=1777");
  mount_at("tmpfs", "/run", safe, "mode=0755");
  mount_at("tmpfs", "/tmp", safe, "mode=1777");
  symlink("/proc/self/fd", "/dev/fd");
  symlink("/proc/self/fd/0", "/dev/stdin");
  symlink("/proc/self/fd/1", "/dev/stdout");
  symlink("/proc/self/fd/2", "/dev/stderr");
  umask(022);
  chown("/home/student", 1000, 1000);
  sethostname("cglab-vm", strlen("cglab-vm"));
  loopback_up();
}

// A restored state would go on with the clock and the random numbers of the
// time when it was saved.
void setup_time(uint64_t nanoseconds, const void* entropy, size_t size) {
  const struct timespec now = {.tv_sec = (time_t)(nanoseconds / 1000000000u),
                               .tv_nsec = (long)(nanoseconds % 1000000000u)};
  clock_settime(CLOCK_REALTIME, &now);

  union {
    struct rand_pool_info pool;
    char room[sizeof(struct rand_pool_info) + 512];
  } seed;
  if (size > 512) size = 512;
  seed.pool.entropy_count = (int)size * 8;
  seed.pool.buf_size = (int)size;
  memcpy(seed.room + offsetof(struct rand_pool_info, buf), entropy, size);
  const int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  ioctl(fd, RNDADDENTROPY, &seed);
  ioctl(fd, RNDRESEEDCRNG);
  close(fd);
}

void setup_module(const char* path) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) channel_fail(3, "cannot open %s: %s", path, strerror(errno));
  if (syscall(SYS_finit_module, fd, "", 0) != 0 && errno != EEXIST) {
    channel_fail(3, "cannot load the module %s: %s", path, strerror(errno));
  }
  close(fd);
}

static void write_text(const char* path, const char* text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, text, strlen(text)) < 0) {
    channel_fail(
        77,
        "cannot write \"%s\" to %s: %s; --swap needs zram, built into the "
        "kernel or as modules next to it",
        text, path, strerror(errno));
  }
  close(fd);
}

// The header that mkswap writes: see union swap_header in include/linux/swap.h.
static void write_swap_header(int fd, uint64_t bytes) {
  const long page = sysconf(_SC_PAGESIZE);
  char* header = calloc(1, (size_t)page);
  const uint32_t version = 1;
  const uint32_t last_page = (uint32_t)(bytes / (uint64_t)page - 1);
  memcpy(header + 1024, &version, sizeof version);
  memcpy(header + 1028, &last_page, sizeof last_page);
  memcpy(header + page - 10, "SWAPSPACE2", 10);
  if (pwrite(fd, header, (size_t)page, 0) != page) {
    channel_fail(3, "cannot write the swap header: %s", strerror(errno));
  }
  free(header);
}

void setup_swap(uint64_t bytes) {
  char size[32];
  snprintf(size, sizeof size, "%llu", (unsigned long long)bytes);
  write_text("/sys/block/zram0/disksize", size);
  const int fd = open("/dev/zram0", O_RDWR | O_CLOEXEC);
  if (fd < 0) channel_fail(3, "cannot open /dev/zram0: %s", strerror(errno));
  write_swap_header(fd, bytes);
  fsync(fd);
  close(fd);
  if (swapon("/dev/zram0", 0) != 0) {
    channel_fail(3, "cannot swap on /dev/zram0: %s", strerror(errno));
  }
}

// A block device for page cache that can be reclaimed, which a machine that
// lies in memory has none of: reads of it are zeros. No kernel before 4.2 can
// add one, and nothing else fails then.
void setup_disk(void) {
  char number[16] = "";
  const int fd = open("/sys/class/zram-control/hot_add", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  const ssize_t length = read(fd, number, sizeof number - 1);
  close(fd);
  if (length <= 0) return;
  char path[64];
  snprintf(path, sizeof path, "/sys/block/zram%d/disksize", atoi(number));
  write_text(path, "1G");
  snprintf(path, sizeof path, "/dev/zram%d", atoi(number));
  symlink(path, "/dev/cglab_disk");
}
