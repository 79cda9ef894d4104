// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>
#include <stdint.h>

// File systems that every command expects, loopback and host name: all that
// does not depend on the settings and so may be part of a saved state.
void setup_machine(void);

// The clock and the entropy of this start.
void setup_time(uint64_t nanoseconds, const void* entropy, size_t size);

// Loads one kernel module; a module that is there already is fine.
void setup_module(const char* path);

// A compressed swap device in memory.
void setup_swap(uint64_t bytes);

// A block device of zeros, /dev/cglab_disk, where zram can make another.
void setup_disk(void);
