// SPDX-License-Identifier: MIT
#pragma once

#include <signal.h>

#include <optional>

#include "cgroupfs/unique_fd.h"

namespace lab {

/// A signal that has arrived.
struct Signal {
  int number = 0;
  /// It was sent by a terminal, to every process of its foreground group.
  bool from_terminal = false;
};

/// Whether the receiver defines what `number` means (SIGUSR1, SIGUSR2 and the
/// real-time signals), so that it does not request termination.
bool is_user_defined(int number) noexcept;

/// The signal settings that a process was started with.
struct InheritedSignals {
  sigset_t mask{};
  struct sigaction pipe {};
  struct sigaction child {};
  struct sigaction file_size {};
};

/// Of this process, as of the first call.
const InheritedSignals& inherited_signals() noexcept;

/// From now on a write beyond RLIMIT_FSIZE fails (EFBIG) and does not raise
/// SIGXFSZ, which would interrupt a clean-up and leave half a record.
void ignore_file_size_signal() noexcept;

/// Every signal that ends a process by default as a pollable descriptor, except
/// those that this process was started to ignore, SIGKILL, and those of a fault
/// in it (SIGSEGV, SIGABRT and the like). They stay blocked until this object
/// is destroyed, so that none can interrupt a clean-up; SIGPIPE and SIGXFSZ
/// stay ignored for good. One object per process, created before anything that
/// needs to be cleaned up.
class SignalFd {
 public:
  /// Throws cgroupfs::FileError.
  SignalFd();
  /// Unblocks the signals. One that arrived after the last take() is dropped:
  /// what it would have interrupted has finished.
  ~SignalFd();
  SignalFd(const SignalFd&) = delete;
  SignalFd& operator=(const SignalFd&) = delete;

  int fd() const noexcept { return fd_.get(); }
  /// The number of a pending signal; nullopt when there is none. Never blocks.
  std::optional<int> take() const noexcept;
  /// The same, with its sender.
  std::optional<Signal> take_signal() const noexcept;

 private:
  cgroupfs::UniqueFd fd_;
  sigset_t mask_before_{};
};

/// The last signal taken by any SignalFd that requested termination; nullopt
/// when there was none.
std::optional<int> end_signal_taken() noexcept;

/// A pending signal that requests termination; nullopt without one.
std::optional<int> pending_end_signal() noexcept;

/// Restores inherited_signals() in a child before exec. Async-signal-safe once
/// that has been called.
void restore_inherited_signals() noexcept;

/// Restores the defaults of everything that SignalFd has changed, in a child
/// before exec. Async-signal-safe.
void restore_default_signals() noexcept;

}  // namespace lab
