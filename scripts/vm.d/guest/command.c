// SPDX-License-Identifier: MIT
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "archive.h"
#include "channel.h"
#include "setup.h"

enum { PIPE_SIZE = 1 << 20 };

static void set_value(struct settings* s, const char* name, char* value) {
  if (strcmp(name, "layout") == 0) {
    snprintf(s->layout, sizeof s->layout, "%s", value);
  } else if (strcmp(name, "swap") == 0) {
    s->swap = strtoull(value, NULL, 10);
  } else if (strcmp(name, "terminals") == 0) {
    s->terminals = (unsigned)atoi(value);
  } else if (strcmp(name, "merge") == 0) {
    s->merge = atoi(value);
  } else if (strcmp(name, "window") == 0) {
    s->window = strtoul(value, NULL, 10);
  } else if (strcmp(name, "loglevel") == 0) {
    s->log_level = atoi(value);
  } else if (strcmp(name, "directory") == 0) {
    s->directory = value;
  } else if (strcmp(name, "module") == 0) {
    setup_module(value);
  } else if (strcmp(name, "env") == 0) {
    putenv(value);
  } else {
    channel_fail(3, "init does not know the setting \"%s\"", name);
  }
}

void settings_parse(struct settings* s, const char* text, size_t size) {
  char* copy = malloc(size + 1);
  memcpy(copy, text, size);
  copy[size] = '\0';
  size_t count = 0;
  s->arguments = calloc(size + 1, sizeof *s->arguments);
  for (char *line = copy, *next; line < copy + size; line = next) {
    next = line + strlen(line) + 1;
    char* const equals = strchr(line, '=');
    if (!equals) channel_fail(3, "init got a damaged setting: %s", line);
    *equals = '\0';
    if (strcmp(line, "arg") == 0) {
      s->arguments[count++] = equals + 1;
    } else {
      set_value(s, line, equals + 1);
    }
  }
}

void window_resize(int terminal, unsigned long window) {
  const struct winsize size = {.ws_row = (unsigned short)(window >> 16),
                               .ws_col = (unsigned short)window};
  ioctl(terminal, TIOCSWINSZ, &size);
}

// Makes the pseudo-terminal and returns its slave.
static int open_terminal(const struct settings* s, struct streams* streams) {
  const int master =
      open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  char name[32] = "";
  if (master < 0 || unlockpt(master) != 0 ||
      ptsname_r(master, name, sizeof name) != 0) {
    channel_fail(3, "cannot make a pseudo-terminal: %s", strerror(errno));
  }
  window_resize(master, s->window);
  const int slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) channel_fail(3, "cannot open %s: %s", name, strerror(errno));
  streams->terminal = master;
  return slave;
}

// A pipe whose end for init (0 or 1) does not block; returns the other end.
static int open_pipe(int own_end, int* own) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    channel_fail(3, "cannot make a pipe: %s", strerror(errno));
  }
  fcntl(ends[own_end], F_SETFL, O_NONBLOCK);
  fcntl(ends[own_end], F_SETPIPE_SZ, PIPE_SIZE);
  *own = ends[own_end];
  return ends[!own_end];
}

// Nothing but exec can fail here in a way that the command should know.
static void run(const struct settings* s, const int fds[3], int report) {
  sigset_t none;
  sigemptyset(&none);
  setsid();
  for (int fd = 0; fd < 3; ++fd) dup2(fds[fd], fd);
  if (s->terminals != 0) {
    const int terminal = s->terminals & TTY_INPUT    ? 0
                         : s->terminals & TTY_OUTPUT ? 1
                                                     : 2;
    ioctl(terminal, TIOCSCTTY, 0);
  }
  signal(SIGPIPE, SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execvp(s->arguments[0], s->arguments);
  const int error = errno;
  if (write(report, &error, sizeof error) < 0) _exit(126);
  _exit(127);
}

static void check_started(const char* name, int report) {
  int error = 0;
  const ssize_t got = read(report, &error, sizeof error);
  close(report);
  if (got <= 0) return;
  if (error == ENOENT || error == ENOTDIR) {
    channel_fail(127, "%s: not found in the VM", name);
  }
  channel_fail(126, "%s: cannot be run in the VM: %s", name, strerror(error));
}

static void go_to(const char* directory) {
  make_directories(directory);
  if (chdir(directory) != 0) {
    channel_fail(3, "cannot go to %s in the VM: %s", directory,
                 strerror(errno));
  }
}

pid_t command_start(const struct settings* s, struct streams* streams) {
  int terminal = -1;
  *streams = (struct streams){-1, -1, -1, -1};
  if (s->terminals) terminal = open_terminal(s, streams);
  const int input =
      s->terminals & TTY_INPUT ? terminal : open_pipe(1, &streams->input);
  const int output =
      s->terminals & TTY_OUTPUT ? terminal : open_pipe(0, &streams->output);
  const int error = s->terminals & TTY_ERROR ? terminal
                    : s->merge               ? output
                                             : open_pipe(0, &streams->error);
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) {
    channel_fail(3, "cannot make a pipe: %s", strerror(errno));
  }
  go_to(s->directory);
  const pid_t child = fork();
  if (child < 0) channel_fail(3, "cannot fork: %s", strerror(errno));
  if (child == 0) run(s, (const int[]){input, output, error}, report[1]);
  close(report[1]);
  const int given[] = {input, output, error};
  for (int i = 0; i < 3; ++i) {
    if (given[i] != terminal && !(i == 2 && error == output)) close(given[i]);
  }
  // Init keeps the slave open: reading a terminal without one gives EIO.
  check_started(s->arguments[0], report[0]);
  return child;
}
