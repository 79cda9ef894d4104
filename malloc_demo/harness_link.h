// SPDX-License-Identifier: MIT
#pragma once

#include "malloc_demo/progress.h"

namespace malloc_demo {

/// The write end of the gate was closed: the parent has ended.
class GateClosed {};

/// The read end of a pipe through which the parent lets the hog continue, one
/// byte at a time. The descriptor was chosen by the parent and is not closed
/// here.
class Gate {
 public:
  explicit Gate(int fd) noexcept : fd_(fd) {}

  /// Waits for one byte. Throws GateClosed at end of file and
  /// std::runtime_error when the descriptor cannot be read.
  void pass() const;
  /// Waits until the write end is closed.
  void await_closing() const;

 private:
  int fd_;
};

/// Maps the parent's progress page, already faulted in, until the process ends.
/// Throws std::runtime_error when `fd` cannot be mapped or is smaller than one
/// ProgressPage.
ProgressPage& map_progress(int fd);

}  // namespace malloc_demo
