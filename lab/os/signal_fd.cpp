// SPDX-License-Identifier: MIT
#include "lab/os/signal_fd.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "cgroupfs/error.h"

namespace lab {
namespace {

/// signal(7): all others end a process by default.
constexpr std::array not_handled{
    // No process may.
    SIGKILL, SIGSTOP,
    // A fault of this process.
    SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP,
    // These do not end a process.
    SIGCHLD, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH,
    // Ignored: the write that causes it fails.
    SIGPIPE, SIGXFSZ};

/// Per process, as signals are.
std::optional<int> last_end_signal;

bool is_ignored(int number) noexcept {
  struct sigaction action {};
  return ::sigaction(number, nullptr, &action) == 0 &&
         action.sa_handler == SIG_IGN;
}

/// Signals that this process was started to ignore stay ignored: SIGHUP under
/// nohup, SIGINT in the background of a script.
sigset_t handled_signals() noexcept {
  sigset_t signals;
  sigemptyset(&signals);
  for (int number = 1; number <= SIGRTMAX; ++number) {
    const bool is_handled = std::find(not_handled.begin(), not_handled.end(),
                                      number) == not_handled.end();
    if (is_handled && !is_ignored(number)) sigaddset(&signals, number);
  }
  return signals;
}

/// Signals that a key or a hang-up sends; others come from this process, such
/// as those of a timer. When the terminal of a session goes away, at first only
/// the leader is signalled (__tty_hangup(), drivers/tty/tty_jobctrl.c).
bool is_of_terminal(const signalfd_siginfo& info) noexcept {
  if (info.ssi_code != SI_KERNEL) return false;
  const auto number = static_cast<int>(info.ssi_signo);
  const bool leads_session = ::getsid(0) == ::getpid();
  return number == SIGINT || number == SIGQUIT ||
         (number == SIGHUP && !leads_session);
}

}  // namespace

bool is_user_defined(int number) noexcept {
  return number == SIGUSR1 || number == SIGUSR2 || number >= SIGRTMIN;
}

const InheritedSignals& inherited_signals() noexcept {
  static const InheritedSignals inherited = [] {
    InheritedSignals state;
    ::sigprocmask(SIG_SETMASK, nullptr, &state.mask);
    ::sigaction(SIGPIPE, nullptr, &state.pipe);
    ::sigaction(SIGCHLD, nullptr, &state.child);
    ::sigaction(SIGXFSZ, nullptr, &state.file_size);
    return state;
  }();
  return inherited;
}

void ignore_file_size_signal() noexcept {
  inherited_signals();
  ::signal(SIGXFSZ, SIG_IGN);
}

SignalFd::SignalFd() {
  ignore_file_size_signal();
  const sigset_t signals = handled_signals();
  ::sigprocmask(SIG_BLOCK, &signals, &mask_before_);
  ::signal(SIGPIPE, SIG_IGN);
  // With an inherited SIG_IGN the kernel would reap the child itself.
  ::signal(SIGCHLD, SIG_DFL);
  fd_ =
      cgroupfs::UniqueFd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd_) cgroupfs::throw_errno("create", "signalfd");
}

SignalFd::~SignalFd() {
  while (take()) {
  }
  ::sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
}

std::optional<int> SignalFd::take() const noexcept {
  const std::optional<Signal> signal = take_signal();
  return signal ? std::optional(signal->number) : std::nullopt;
}

std::optional<Signal> SignalFd::take_signal() const noexcept {
  signalfd_siginfo info{};
  if (::read(fd_.get(), &info, sizeof(info)) != sizeof(info)) {
    return std::nullopt;
  }
  const auto number = static_cast<int>(info.ssi_signo);
  if (!is_user_defined(number)) last_end_signal = number;
  return Signal{number, is_of_terminal(info)};
}

std::optional<int> end_signal_taken() noexcept {
  return last_end_signal;
}

std::optional<int> pending_end_signal() noexcept {
  const sigset_t handled = handled_signals();
  sigset_t pending;
  ::sigpending(&pending);
  for (int number = 1; number <= SIGRTMAX; ++number) {
    if (sigismember(&pending, number) == 1 &&
        sigismember(&handled, number) == 1 && !is_user_defined(number)) {
      return number;
    }
  }
  return std::nullopt;
}

void restore_inherited_signals() noexcept {
  const InheritedSignals& state = inherited_signals();
  ::sigaction(SIGPIPE, &state.pipe, nullptr);
  ::sigaction(SIGCHLD, &state.child, nullptr);
  ::sigaction(SIGXFSZ, &state.file_size, nullptr);
  ::sigprocmask(SIG_SETMASK, &state.mask, nullptr);
}

void restore_default_signals() noexcept {
  ::signal(SIGPIPE, SIG_DFL);
  ::signal(SIGXFSZ, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace lab
