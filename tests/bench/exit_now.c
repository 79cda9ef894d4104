// SPDX-License-Identifier: MIT
// A child that exits at once: the rest of a run's time is that of the harness.
// It starts at its entry point: the start of the C library would take longer
// than the harness, above all in a virtual machine, where each CPUID is an exit
// to the host.
#include <unistd.h>

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the
// linker's name for it.
void _start(void);

void _start(void) {
  _exit(0);
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
