// SPDX-License-Identifier: MIT
// The protocol between init and the program on the host (host/channel.py).
//
// Data lies in one shared 2 MiB page of guest memory, cut into four slots.
// A frame says "so many bytes are in that slot" and its receiver answers with
// FRAME_ACK when the slot may be written again. Frames to the host go out
// through the debug port, frames to the guest come in through the serial line.
#pragma once

#include <stdint.h>

enum { SLOT_INPUT, SLOT_OUTPUT, SLOT_ERROR, SLOT_TERMINAL, SLOT_COUNT };
enum {
  BUFFER_SIZE = 2 << 20,
  SLOT_SIZE = BUFFER_SIZE / SLOT_COUNT,
  DEBUG_PORT = 0xe9,
};

// Written at the start of the input slot before FRAME_HELLO: the host looks
// for it to be sure that it maps the right memory.
#define BUFFER_MAGIC "cglab.vm buffer"

enum frame_type {
  // Both ways
  FRAME_DATA = 'D',   // length bytes in the slot; 0 ends the input
  FRAME_ACK = 'A',    // the slot is free again
  FRAME_CLOSE = 'Q',  // this slot is no longer read
  // To the host
  FRAME_HELLO = 'H',  // value: physical address of the buffer
  FRAME_EXIT = 'X',   // value: exit status of the command
  FRAME_FAIL = 'F',   // value: exit status, text in the error slot
  // To the guest, data in the input slot
  FRAME_TIME = 'T',     // value: ns since 1970; data: entropy
  FRAME_ARCHIVE = 'P',  // a piece of the archive of files
  FRAME_START = 'C',    // the settings and the command
  FRAME_WINDOW = 'W',   // value: rows << 16 | columns
};

struct frame {
  uint8_t type;
  uint8_t slot;
  uint16_t unused;
  uint32_t length;
  uint64_t value;
};

// One entry of the archive: this head, the path without a final NUL, then the
// content (of a file) or the target (of a symbolic link).
struct archive_entry {
  uint32_t mode;
  uint32_t path_length;
  uint64_t size;
};
