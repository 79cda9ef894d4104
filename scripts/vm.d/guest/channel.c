// SPDX-License-Identifier: MIT
#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

static int serial = -1;
static char* buffer;

// The kernel log is the only place to complain to before FRAME_HELLO; init
// that ends makes the kernel panic, and that ends QEMU (-no-reboot).
static void give_up(const char* what) {
  const int log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
  if (log >= 0) dprintf(log, "<0>vm init: %s: %s\n", what, strerror(errno));
  _exit(1);
}

static void open_serial(void) {
  serial = open("/dev/ttyS0", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (serial < 0) give_up("open /dev/ttyS0");
  struct termios raw;
  if (tcgetattr(serial, &raw) != 0) give_up("tcgetattr /dev/ttyS0");
  cfmakeraw(&raw);
  raw.c_cflag |= CLOCAL | CREAD;
  cfsetspeed(&raw, B115200);
  if (tcsetattr(serial, TCSANOW, &raw) != 0) give_up("tcsetattr /dev/ttyS0");
}

// A huge page is contiguous and stays where it is: memory that is only
// locked may still be moved by compaction.
static void map_buffer(void) {
  buffer = mmap(NULL, BUFFER_SIZE, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
  if (buffer == MAP_FAILED) give_up("mmap of a 2 MiB huge page");
  strcpy(buffer, BUFFER_MAGIC);
}

static uint64_t physical_address(const void* address) {
  const long page = sysconf(_SC_PAGESIZE);
  const int map = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  if (map < 0) give_up("open /proc/self/pagemap");
  uint64_t entry = 0;
  const off_t offset = (off_t)((uintptr_t)address / page * sizeof entry);
  if (pread(map, &entry, sizeof entry, offset) != (ssize_t)sizeof entry) {
    give_up("read /proc/self/pagemap");
  }
  close(map);
  const uint64_t frame_number = entry & ((1ULL << 55) - 1);
  if (frame_number == 0) give_up("page frame number in /proc/self/pagemap");
  return frame_number * page;
}

void channel_open(void) {
  if (ioperm(DEBUG_PORT, 1, 1) != 0) give_up("ioperm");
  open_serial();
  map_buffer();
  channel_send(FRAME_HELLO, SLOT_INPUT, BUFFER_SIZE, physical_address(buffer));
}

int channel_fd(void) {
  return serial;
}

char* channel_slot(int slot) {
  return buffer + (size_t)slot * SLOT_SIZE;
}

// Bytes of value 0 between frames are noise of a line that was just restored.
int channel_receive(struct frame* frame) {
  static unsigned char pending[sizeof *frame];
  static size_t have;
  while (have < sizeof pending) {
    const ssize_t got = read(serial, pending + have, sizeof pending - have);
    if (got <= 0) return 0;
    have += (size_t)got;
    size_t skip = 0;
    while (skip < have && pending[0] == 0 && pending[skip] == 0) ++skip;
    memmove(pending, pending + skip, have - skip);
    have -= skip;
  }
  memcpy(frame, pending, sizeof pending);
  have = 0;
  return 1;
}

void channel_send(enum frame_type type, int slot, uint32_t length,
                  uint64_t value) {
  const struct frame frame = {
      .type = type, .slot = (uint8_t)slot, .length = length, .value = value};
  unsigned char bytes[sizeof frame];
  memcpy(bytes, &frame, sizeof frame);
  for (size_t i = 0; i < sizeof bytes; ++i) outb(bytes[i], DEBUG_PORT);
}

static void wait_for_the_end(void) {
  for (;;) pause();
}

void channel_fail(int status, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int length =
      vsnprintf(channel_slot(SLOT_ERROR), SLOT_SIZE, format, arguments);
  va_end(arguments);
  channel_send(FRAME_FAIL, SLOT_ERROR, (uint32_t)length, (uint64_t)status);
  wait_for_the_end();
  abort();
}

void channel_exit(int status) {
  channel_send(FRAME_EXIT, SLOT_OUTPUT, 0, (uint64_t)status);
  wait_for_the_end();
  abort();
}
