// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

// Bits: which of the command's standard streams are a terminal.
enum { TTY_INPUT = 1, TTY_OUTPUT = 2, TTY_ERROR = 4 };

struct settings {
  char layout[16];
  unsigned long long swap;
  unsigned terminals;
  int merge;  // stderr is what stdout is
  int log_level;
  unsigned long window;  // rows << 16 | columns
  char* directory;
  char** arguments;  // ends with NULL
};

// Init's ends of the command's streams, non-blocking; -1: none.
struct streams {
  int input;     // written by init, unless it is the terminal
  int output;    // read by init
  int error;     // read by init
  int terminal;  // master of the pseudo-terminal
};

// Reads the text of FRAME_START: "name=value" strings, each ended by a NUL.
// Environment variables take effect at once.
void settings_parse(struct settings* settings, const char* text, size_t size);

// Starts the command. One that cannot be run ends the machine with 127 or 126.
pid_t command_start(const struct settings* settings, struct streams* streams);

void window_resize(int terminal, unsigned long window);
