// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

// Unpacks the next piece of the archive; entries may span pieces.
void archive_unpack(const char* data, size_t size);

// Makes a directory and those above it.
void make_directories(const char* path);
