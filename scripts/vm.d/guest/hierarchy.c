// SPDX-License-Identifier: MIT
#include "hierarchy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "channel.h"

#define ROOT "/sys/fs/cgroup"

static const unsigned long mount_flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

// systemd mounts with these options; older kernels do not know the second.
static void mount_v2(const char* path) {
  mkdir(path, 0755);
  if (mount("cgroup2", path, "cgroup2", mount_flags,
            "nsdelegate,memory_recursiveprot") == 0 ||
      mount("cgroup2", path, "cgroup2", mount_flags, NULL) == 0) {
    return;
  }
  channel_fail(77, "this kernel cannot mount cgroup2: %s", strerror(errno));
}

// One word at a time: a controller that cannot be enabled (cpu with
// real-time tasks) must not prevent the others.
static void enable_controllers(void) {
  char names[512] = "";
  const int list = open(ROOT "/cgroup.controllers", O_RDONLY | O_CLOEXEC);
  const ssize_t length = read(list, names, sizeof names - 1);
  close(list);
  if (length > 0) names[length] = '\0';
  int memory = 0;
  const int control =
      open(ROOT "/cgroup.subtree_control", O_WRONLY | O_CLOEXEC);
  for (char* name = strtok(names, " \n"); name; name = strtok(NULL, " \n")) {
    char text[80];
    const int size = snprintf(text, sizeof text, "+%s", name);
    const int enabled = write(control, text, (size_t)size) == size;
    if (strcmp(name, "memory") == 0) memory = enabled;
  }
  close(control);
  if (!memory) {
    channel_fail(77, "this kernel has no memory controller on cgroup v2");
  }
}

static int mount_controller(const char* name) {
  char path[80];
  snprintf(path, sizeof path, ROOT "/%s", name);
  mkdir(path, 0755);
  if (mount("cgroup", path, "cgroup", mount_flags, name) == 0) return 0;
  const int error = errno;
  rmdir(path);
  return error;
}

static void mount_v1(void) {
  if (mount("tmpfs", ROOT, "tmpfs", mount_flags, "mode=755") != 0) {
    channel_fail(3, "cannot mount a tmpfs on " ROOT ": %s", strerror(errno));
  }
  int memory = ENOENT;
  FILE* list = fopen("/proc/cgroups", "re");
  char line[256];
  while (list && fgets(line, sizeof line, list)) {
    char name[64];
    int enabled = 0;
    if (line[0] == '#') continue;
    if (sscanf(line, "%63s %*d %*d %d", name, &enabled) != 2 || !enabled)
      continue;
    const int error = mount_controller(name);
    if (strcmp(name, "memory") == 0) memory = error;
  }
  if (list) fclose(list);
  if (memory == 0) return;
  channel_fail(77,
               "this kernel has no memory controller on cgroup v1 (%s; "
               "CONFIG_MEMCG_V1 is off by default from 6.11 on); use an older "
               "one, such as --kernel 6.1, or --cgroup v2",
               strerror(memory));
}

// systemd has mounted the layout itself, or another one.
static void check_systemd(const char* layout) {
  struct statfs about;
  if (strcmp(layout, "v2") == 0 || statfs(ROOT, &about) != 0 ||
      about.f_type != CGROUP2_SUPER_MAGIC) {
    return;
  }
  channel_fail(77,
               "systemd has mounted cgroup v2 in place of %s, which it does "
               "not support from 258 on; use --cgroup v2, or leave out "
               "--systemd",
               layout);
}

void setup_hierarchy(const char* layout) {
  const char systemd[] = "systemd-";
  if (strncmp(layout, systemd, strlen(systemd)) == 0) {
    check_systemd(layout + strlen(systemd));
    return;
  }
  if (strcmp(layout, "v2") == 0) {
    mount_v2(ROOT);
    enable_controllers();
    return;
  }
  mount_v1();
  if (strcmp(layout, "hybrid") == 0) mount_v2(ROOT "/unified");
}
