// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "cgroupfs/unique_fd.h"

namespace lab {

/// A running program whose standard output and error are collected. Its
/// standard input is empty. Its parent has to reap it.
struct CapturedProcess {
  pid_t pid = -1;
  cgroupfs::UniqueFd output;  ///< closed at its end of file
  cgroupfs::UniqueFd errors;
  std::string said;       ///< read from standard output so far
  std::string complaint;  ///< the same of standard error

  bool has_said_all() const noexcept { return !output && !errors; }
};

/// Starts the program at `file`; `words` are its argv, the first its own name.
/// Its signal mask is the one that this process was started with. Throws
/// cgroupfs::FileError, RunError, and Unavailable where a seccomp filter
/// forbids it.
CapturedProcess start_captured(const std::string& file,
                               std::vector<std::string> words);

/// Reads once from each pipe that is readable or at end of file, according to
/// the poll events `output_events` and `error_events`.
void take_output(CapturedProcess& process, short output_events,
                 short error_events);

/// Waits until it ends. Returns the exit status, 128+n after signal n.
int reap(CapturedProcess& process) noexcept;

}  // namespace lab
