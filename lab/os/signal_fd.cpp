// SPDX-License-Identifier: MIT
#include "lab/os/signal_fd.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cgroupfs/error.h"

namespace lab {
namespace {

bool is_ignored(int number) noexcept {
  struct sigaction action {};
  return ::sigaction(number, nullptr, &action) == 0 &&
         action.sa_handler == SIG_IGN;
}

/// What whoever started this process has it ignore stays ignored: SIGHUP under
/// nohup, SIGINT in the background of a script.
sigset_t handled_signals() noexcept {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    if (!is_ignored(number)) sigaddset(&signals, number);
  }
  return signals;
}

}  // namespace

SignalFd::SignalFd() {
  const sigset_t signals = handled_signals();
  ::sigaction(SIGPIPE, nullptr, &before_.pipe);
  ::sigaction(SIGCHLD, nullptr, &before_.child);
  ::sigprocmask(SIG_BLOCK, &signals, &before_.mask);
  ::signal(SIGPIPE, SIG_IGN);
  // An inherited SIG_IGN would have the kernel reap the child itself.
  ::signal(SIGCHLD, SIG_DFL);
  fd_ =
      cgroupfs::UniqueFd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd_) cgroupfs::throw_errno("create", "signalfd");
}

SignalFd::~SignalFd() {
  while (take()) {
  }
  ::sigprocmask(SIG_SETMASK, &before_.mask, nullptr);
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
  any_taken_ = true;
  return Signal{static_cast<int>(info.ssi_signo), info.ssi_code == SI_KERNEL};
}

void restore_signals(const InheritedSignals& state) noexcept {
  ::sigaction(SIGPIPE, &state.pipe, nullptr);
  ::sigaction(SIGCHLD, &state.child, nullptr);
  ::sigprocmask(SIG_SETMASK, &state.mask, nullptr);
}

void restore_signals_in_child() noexcept {
  ::signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace lab
