// SPDX-License-Identifier: MIT
#include "archive.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "channel.h"

static struct {
  char head[sizeof(struct archive_entry) + PATH_MAX];
  size_t have;
  struct archive_entry entry;
  char* path;
  char target[PATH_MAX];
  uint64_t done;
  int file;
} state = {.file = -1};

static void make_parents(char* path) {
  for (char* slash = strchr(path + 1, '/'); slash;
       slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    if (mkdir(path, 0755) != 0 && errno != EEXIST) {
      channel_fail(3, "cannot make %s in the VM: %s", path, strerror(errno));
    }
    *slash = '/';
  }
}

void make_directories(const char* path) {
  char copy[PATH_MAX];
  const size_t length = strlen(path);
  if (length + 2 > sizeof copy) channel_fail(3, "path too long: %s", path);
  memcpy(copy, path, length);
  strcpy(copy + length, "/");
  make_parents(copy);
}

static size_t at_most(size_t a, uint64_t b) {
  return a < b ? a : (size_t)b;
}

// How many bytes of head or path are still missing.
static size_t missing_head(void) {
  const size_t fixed = sizeof state.entry;
  if (state.have < fixed) return fixed - state.have;
  memcpy(&state.entry, state.head, fixed);
  if (state.entry.path_length >= PATH_MAX) {
    channel_fail(3, "the archive of files is damaged");
  }
  return fixed + state.entry.path_length - state.have;
}

static void begin_entry(void) {
  state.path = state.head + sizeof state.entry;
  state.path[state.entry.path_length] = '\0';
  state.done = 0;
  make_parents(state.path);
  if (S_ISDIR(state.entry.mode)) {
    make_directories(state.path);
    return;
  }
  unlink(state.path);
  if (S_ISLNK(state.entry.mode)) return;
  state.file = open(state.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (state.file < 0 || fchmod(state.file, state.entry.mode & 07777) != 0) {
    channel_fail(3, "cannot make %s in the VM: %s", state.path,
                 strerror(errno));
  }
}

static void write_content(const char* data, size_t size) {
  if (S_ISLNK(state.entry.mode)) {
    if (state.done + size < PATH_MAX)
      memcpy(state.target + state.done, data, size);
  } else if (write(state.file, data, size) != (ssize_t)size) {
    channel_fail(3, "cannot write %s in the VM: %s (more --memory helps)",
                 state.path, strerror(errno));
  }
  state.done += size;
}

static void end_entry(void) {
  if (S_ISLNK(state.entry.mode) && state.done < PATH_MAX) {
    state.target[state.done] = '\0';
    if (symlink(state.target, state.path) != 0) {
      channel_fail(3, "cannot link %s in the VM: %s", state.path,
                   strerror(errno));
    }
  }
  if (state.file >= 0) close(state.file);
  state.file = -1;
  state.path = NULL;
  state.have = 0;
}

void archive_unpack(const char* data, size_t size) {
  while (size > 0) {
    size_t step;
    if (!state.path) {
      step = at_most(size, missing_head());
      memcpy(state.head + state.have, data, step);
      state.have += step;
      if (missing_head() == 0) begin_entry();
    } else {
      step = at_most(size, state.entry.size - state.done);
      write_content(data, step);
    }
    data += step;
    size -= step;
    if (state.path && state.done == state.entry.size) end_entry();
  }
}
