// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

#include "protocol.h"

// Opens the serial line and the shared buffer and says FRAME_HELLO. Does not
// return if it fails: it can report that only in the kernel log.
void channel_open(void);

// The serial line, for poll().
int channel_fd(void);

// One whole frame if there is one (1), else 0.
int channel_receive(struct frame* frame);

void channel_send(enum frame_type type, int slot, uint32_t length,
                  uint64_t value);

char* channel_slot(int slot);

// Reports to the host why the VM cannot be used, with the exit status for
// scripts/vm, and waits for the end.
__attribute__((noreturn, format(printf, 2, 3))) void channel_fail(
    int status, const char* format, ...);

// Ends with the exit status of the command.
__attribute__((noreturn)) void channel_exit(int status);
