// SPDX-License-Identifier: MIT
#pragma once

#include "cgroupfs/unique_fd.h"

namespace lab {

/// The two ends of pipe(2).
struct Pipe {
  cgroupfs::UniqueFd read;
  cgroupfs::UniqueFd write;
};

/// Both ends are closed by exec. Throws cgroupfs::FileError that names
/// `object`, as in "create a pipe to a program".
Pipe make_pipe(const char* object);

}  // namespace lab
