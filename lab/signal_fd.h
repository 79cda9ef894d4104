// SPDX-License-Identifier: MIT
#pragma once

#include <signal.h>

#include <optional>

#include "cgroupfs/unique_fd.h"

namespace lab {

/// SIGINT, SIGTERM and SIGHUP as a pollable descriptor, except those that this
/// process was started to ignore. They stay blocked as long as this object, so
/// that none can cut a clean-up short; SIGPIPE stays ignored for good. One
/// object a process, made before the first thing that would need to be cleaned
/// up.
class SignalFd {
 public:
  /// Throws cgroupfs::FileError.
  SignalFd();
  /// Lets signals through again. One that has come after the last take() is
  /// dropped: what it would have cut short is over.
  ~SignalFd();
  SignalFd(const SignalFd&) = delete;
  SignalFd& operator=(const SignalFd&) = delete;

  int fd() const noexcept { return fd_.get(); }
  /// The number of a signal that has come; nullopt when none has. Never blocks.
  std::optional<int> take() const noexcept;

 private:
  cgroupfs::UniqueFd fd_;
  sigset_t mask_before_{};
};

/// Undoes what SignalFd did, in a child before exec. Async-signal-safe.
void restore_signals_in_child() noexcept;

}  // namespace lab
