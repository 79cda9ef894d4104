// SPDX-License-Identifier: MIT
// PID 1 of the VM, or a child of systemd: carries the streams of one command to
// the host and back, and ends the VM with the command's exit status.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "archive.h"
#include "channel.h"
#include "command.h"
#include "hierarchy.h"
#include "setup.h"
#include "systemd.h"

enum { SYSLOG_ACTION_CONSOLE_LEVEL = 8 };

struct source {
  int fd;
  int busy;  // the host still reads the slot
};

static struct {
  struct source sources[SLOT_COUNT];  // by slot
  int input;                          // pipe to the command
  int terminal;
  uint32_t input_length, input_done;  // in the input slot
  int input_pending;
  pid_t child;
  int exited, status;
} state;

static void close_input(void) {
  if (state.input >= 0 && state.input != state.terminal) close(state.input);
  state.input = -1;
}

static void acknowledge_input(void) {
  state.input_pending = 0;
  channel_send(FRAME_ACK, SLOT_INPUT, 0, 0);
}

// Passes on the content of the input slot, as far as the command reads it.
static void pump_input(void) {
  while (state.input >= 0 && state.input_done < state.input_length) {
    const ssize_t sent =
        write(state.input, channel_slot(SLOT_INPUT) + state.input_done,
              state.input_length - state.input_done);
    if (sent < 0 && errno == EAGAIN) return;
    if (sent < 0) {
      close_input();
      channel_send(FRAME_CLOSE, SLOT_INPUT, 0, 0);
    } else {
      state.input_done += (uint32_t)sent;
    }
  }
  acknowledge_input();
}

static void take_input(uint32_t length) {
  state.input_length = length;
  state.input_done = 0;
  state.input_pending = 1;
  if (length == 0) close_input();
  pump_input();
}

static void start(uint32_t length) {
  struct settings settings = {.directory = "/"};
  struct streams streams;
  settings_parse(&settings, channel_slot(SLOT_INPUT), length);
  if (settings.log_level) {
    klogctl(SYSLOG_ACTION_CONSOLE_LEVEL, NULL, settings.log_level);
  }
  setup_hierarchy(settings.layout);
  if (settings.swap) {
    setup_swap(settings.swap);
    setup_disk();
  }
  state.child = command_start(&settings, &streams);
  state.sources[SLOT_OUTPUT].fd = streams.output;
  state.sources[SLOT_ERROR].fd = streams.error;
  state.sources[SLOT_TERMINAL].fd = streams.terminal;
  state.terminal = streams.terminal;
  state.input =
      settings.terminals & TTY_INPUT ? streams.terminal : streams.input;
  acknowledge_input();
}

static void close_source(int slot) {
  if (state.sources[slot].fd >= 0) close(state.sources[slot].fd);
  state.sources[slot] = (struct source){.fd = -1};
}

static void receive(const struct frame* frame) {
  switch (frame->type) {
    case FRAME_TIME:
      setup_time(frame->value, channel_slot(SLOT_INPUT), frame->length);
      acknowledge_input();
      break;
    case FRAME_ARCHIVE:
      archive_unpack(channel_slot(SLOT_INPUT), frame->length);
      acknowledge_input();
      break;
    case FRAME_START:
      start(frame->length);
      break;
    case FRAME_DATA:
      take_input(frame->length);
      break;
    case FRAME_WINDOW:
      window_resize(state.terminal, frame->value);
      break;
    case FRAME_ACK:
      state.sources[frame->slot % SLOT_COUNT].busy = 0;
      break;
    case FRAME_CLOSE:
      close_source(frame->slot % SLOT_COUNT);
      break;
    default:
      channel_fail(3, "init got a frame of unknown type %d", frame->type);
  }
}

// Fills the slot with what there is. Returns whether the host got something.
static int pump_output(int slot) {
  struct source* const source = &state.sources[slot];
  if (source->fd < 0 || source->busy) return 0;
  uint32_t length = 0;
  while (length < SLOT_SIZE) {
    const ssize_t got =
        read(source->fd, channel_slot(slot) + length, SLOT_SIZE - length);
    if (got < 0 && errno == EAGAIN) break;
    if (got <= 0) {
      close_source(slot);
      break;
    }
    length += (uint32_t)got;
  }
  if (length == 0) return 0;
  source->busy = 1;
  channel_send(FRAME_DATA, slot, length, 0);
  return 1;
}

static void reap(void) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    if (pid != state.child) continue;
    state.exited = 1;
    state.status =
        WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
}

// The signals by which reboot, halt and poweroff speak to init.
static void handle_signals(int fd) {
  struct signalfd_siginfo info;
  while (read(fd, &info, sizeof info) == (ssize_t)sizeof info) {
    if (info.ssi_signo != SIGCHLD) channel_exit(0);
  }
  reap();
}

// Everything that the command wrote must be with the host before the end.
static void end_if_done(void) {
  if (!state.exited) return;
  int waiting = 0;
  for (int slot = SLOT_OUTPUT; slot < SLOT_COUNT; ++slot) {
    waiting |= pump_output(slot) || state.sources[slot].busy;
  }
  if (!waiting) channel_exit(state.status);
}

static void serve(int signals) {
  struct pollfd polls[SLOT_COUNT + 2];  // one a slot, and two more
  polls[SLOT_COUNT] = (struct pollfd){.fd = channel_fd(), .events = POLLIN};
  polls[SLOT_COUNT + 1] = (struct pollfd){.fd = signals, .events = POLLIN};
  for (;;) {
    polls[SLOT_INPUT] = (struct pollfd){
        .fd = state.input_pending ? state.input : -1, .events = POLLOUT};
    for (int slot = SLOT_OUTPUT; slot < SLOT_COUNT; ++slot) {
      const struct source* source = &state.sources[slot];
      polls[slot] = (struct pollfd){.fd = source->busy ? -1 : source->fd,
                                    .events = POLLIN};
    }
    poll(polls, SLOT_COUNT + 2, -1);
    struct frame frame;
    while (channel_receive(&frame)) receive(&frame);
    if (polls[SLOT_COUNT + 1].revents) handle_signals(signals);
    if (polls[SLOT_INPUT].revents && state.input_pending) pump_input();
    for (int slot = SLOT_OUTPUT; slot < SLOT_COUNT; ++slot) pump_output(slot);
    end_if_done();
  }
}

static int open_signals(void) {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGCHLD);
  sigaddset(&mask, SIGTERM);
  sigaddset(&mask, SIGUSR1);
  sigaddset(&mask, SIGUSR2);
  sigprocmask(SIG_BLOCK, &mask, NULL);
  signal(SIGPIPE, SIG_IGN);
  return signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

int main(void) {
  setup_machine();
  if (systemd_wanted()) systemd_start();
  const int signals = open_signals();
  state.input = state.terminal = -1;
  for (int slot = 0; slot < SLOT_COUNT; ++slot) state.sources[slot].fd = -1;
  clearenv();
  channel_open();
  serve(signals);
}
