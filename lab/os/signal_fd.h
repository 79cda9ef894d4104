// SPDX-License-Identifier: MIT
#pragma once

#include <signal.h>

#include <optional>

#include "cgroupfs/unique_fd.h"

namespace lab {

/// A signal that has come.
struct Signal {
  int number = 0;
  /// The kernel sent it: a terminal, to every process of its foreground group.
  bool from_kernel = false;
};

/// What a process was started with.
struct InheritedSignals {
  sigset_t mask{};
  struct sigaction pipe {};
  struct sigaction child {};
};

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
  /// The same, and who has sent it.
  std::optional<Signal> take_signal() const noexcept;
  /// Whether any was ever taken.
  bool any_taken() const noexcept { return any_taken_; }
  /// What it was before this object changed it.
  const InheritedSignals& before() const noexcept { return before_; }

 private:
  cgroupfs::UniqueFd fd_;
  InheritedSignals before_;
  mutable bool any_taken_ = false;
};

/// Puts `state` in force. Async-signal-safe.
void restore_signals(const InheritedSignals& state) noexcept;

/// Undoes what SignalFd did, in a child before exec. Async-signal-safe.
void restore_signals_in_child() noexcept;

}  // namespace lab
