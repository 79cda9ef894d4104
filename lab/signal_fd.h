// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "cgroupfs/unique_fd.h"

namespace lab {

/// SIGINT, SIGTERM and SIGHUP as a pollable descriptor. They stay blocked to
/// the end of the process, so that none can cut a clean-up short; SIGPIPE is
/// ignored. One object a process, made before the first thing that would need
/// to be cleaned up.
class SignalFd {
 public:
  /// Throws cgroupfs::FileError.
  SignalFd();

  int fd() const noexcept { return fd_.get(); }
  /// The number of a signal that has come; nullopt when none has. Never blocks.
  std::optional<int> take() const noexcept;

 private:
  cgroupfs::UniqueFd fd_;
};

/// Undoes what SignalFd did, in a child before exec. Async-signal-safe.
void restore_signals_in_child() noexcept;

}  // namespace lab
