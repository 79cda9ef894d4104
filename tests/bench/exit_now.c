// SPDX-License-Identifier: MIT
// A child that exits at once: what is left of a run's time is the harness' own.
// It begins at its entry point: the C library's start would take longer than
// the harness does, above all in a virtual machine, where each CPUID is an exit
// to the host.
#include <unistd.h>

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the
// linker's name for it.
void _start(void);

void _start(void) {
  _exit(0);
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
