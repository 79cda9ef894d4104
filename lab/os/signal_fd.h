// SPDX-License-Identifier: MIT
#pragma once

#include <signal.h>

#include <optional>

#include "cgroupfs/unique_fd.h"

namespace lab {

/// A signal that has come.
struct Signal {
  int number = 0;
  /// A terminal has sent it, to every process of its foreground group.
  bool from_terminal = false;
};

/// Whether `number` means what its receiver has it mean (SIGUSR1, SIGUSR2 and
/// the real-time signals), and not that it should end.
bool is_user_defined(int number) noexcept;

/// What a process was started with.
struct InheritedSignals {
  sigset_t mask{};
  struct sigaction pipe {};
  struct sigaction child {};
  struct sigaction file_size {};
};

/// Of this process, as of the first call.
const InheritedSignals& inherited_signals() noexcept;

/// From here on a write beyond RLIMIT_FSIZE fails (EFBIG) and is no signal
/// (SIGXFSZ), which would cut a clean-up short and leave half a record.
void ignore_file_size_signal() noexcept;

/// Every signal that ends a process by default as a pollable descriptor, except
/// those that this process was started to ignore, SIGKILL, and those of a fault
/// in it (SIGSEGV, SIGABRT and the like). They stay blocked as long as this
/// object, so that none can cut a clean-up short; SIGPIPE and SIGXFSZ stay
/// ignored for good. One object a process, made before the first thing that
/// would need to be cleaned up.
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

 private:
  cgroupfs::UniqueFd fd_;
  sigset_t mask_before_{};
};

/// The last signal that any SignalFd has taken and that asked for an end;
/// nullopt when none has.
std::optional<int> end_signal_taken() noexcept;

/// A signal that asks for an end and waits to be taken; nullopt without any.
std::optional<int> pending_end_signal() noexcept;

/// Puts inherited_signals() in force again, in a child before exec.
/// Async-signal-safe after the first call of that.
void restore_inherited_signals() noexcept;

/// The defaults for what SignalFd has changed, in a child before exec.
/// Async-signal-safe.
void restore_default_signals() noexcept;

}  // namespace lab
