// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "cgroupfs/unique_fd.h"

namespace lab {

/// A program under way whose standard output and error are collected. Its
/// standard input is empty. Whoever started it reaps it.
struct CapturedProcess {
  pid_t pid = -1;
  cgroupfs::UniqueFd output;  ///< closed when it has said all
  cgroupfs::UniqueFd errors;
  std::string said;       ///< what has come on standard output so far
  std::string complaint;  ///< the same of standard error

  bool has_said_all() const noexcept { return !output && !errors; }
};

/// Starts the program at `file`; `words` are its argv, the first its own name.
/// Its signal mask is that which this process was started with. Throws
/// cgroupfs::FileError, RunError, and Unavailable where a seccomp filter
/// forbids it.
CapturedProcess start_captured(const std::string& file,
                               std::vector<std::string> words);

/// Reads once of each pipe that is readable or at its end, as poll told in
/// `output_events` and `error_events`.
void take_output(CapturedProcess& process, short output_events,
                 short error_events);

/// Waits for its end. The exit status, 128+n after signal n.
int reap(CapturedProcess& process) noexcept;

}  // namespace lab
