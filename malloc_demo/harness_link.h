// SPDX-License-Identifier: MIT
#pragma once

#include "malloc_demo/progress.h"

namespace malloc_demo {

/// The gate has no writer any more: whoever started the hog is gone.
class GateClosed {};

/// The read end of a pipe on which the parent lets the hog go on, byte by
/// byte. The descriptor is the parent's choice and is not closed here.
class Gate {
 public:
  explicit Gate(int fd) noexcept : fd_(fd) {}

  /// Waits for one byte. Throws GateClosed at the end of the file and
  /// std::runtime_error when the descriptor cannot be read.
  void pass() const;
  /// Waits until whoever holds the other end is gone.
  void await_closing() const;

 private:
  int fd_;
};

/// Maps the parent's progress page, already faulted in, for the rest of the
/// process' life. Throws std::runtime_error when `fd` is no memory of at least
/// one ProgressPage.
ProgressPage& map_progress(int fd);

}  // namespace malloc_demo
