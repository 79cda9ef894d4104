// SPDX-License-Identifier: MIT
#include "tests/support/tracer.h"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/system_failure.h"

namespace test_support {
namespace {

/// With PTRACE_O_TRACESYSGOOD a stop at a call differs from a SIGTRAP.
constexpr int at_call = SIGTRAP | 0x80;

__ptrace_syscall_info call_of(pid_t pid) {
  __ptrace_syscall_info info{};
  if (::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0) {
    fail("PTRACE_GET_SYSCALL_INFO");
  }
  return info;
}

}  // namespace

void ask_to_be_traced() {
  if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(99);
}

bool may_trace() {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::_exit(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0 ? 0 : 1);
  }
  int status = 0;
  return ::waitpid(pid, &status, 0) == pid && status == 0;
}

Tracer::Tracer(pid_t pid) : pid_(pid) {
  if (!wait_for_stop())
    throw std::system_error(ECHILD, std::generic_category());
  const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;
  if (::ptrace(PTRACE_SETOPTIONS, pid_, nullptr, options) != 0) {
    fail("PTRACE_SETOPTIONS");
  }
  signal_ = 0;
}

/// Each call stops twice: before it and after it.
bool Tracer::go_on() {
  if (stopped_at_call_ && !go_to_stop()) return false;
  return go_to_stop();
}

bool Tracer::go_to_stop() {
  do {
    if (::ptrace(PTRACE_SYSCALL, pid_, nullptr, signal_) != 0) {
      if (errno == ESRCH) return false;
      fail("PTRACE_SYSCALL");
    }
    if (!wait_for_stop()) return false;
  } while (!stopped_at_call_);
  return true;
}

bool Tracer::wait_for_stop() {
  siginfo_t info{};
  const auto id = static_cast<id_t>(pid_);
  while (::waitid(P_PID, id, &info, WEXITED | WSTOPPED | WNOWAIT) != 0) {
    if (errno != EINTR) fail("waitid");
  }
  if (info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED) return false;
  int status = 0;
  if (::waitpid(pid_, &status, 0) != pid_) fail("waitpid");
  stopped_at_call_ = WSTOPSIG(status) == at_call;
  signal_ = stopped_at_call_ ? 0 : WSTOPSIG(status);
  return true;
}

long Tracer::number() const {
  const auto info = call_of(pid_);
  return info.op == PTRACE_SYSCALL_INFO_ENTRY ? static_cast<long>(info.entry.nr)
                                              : -1;
}

std::uint64_t Tracer::argument(unsigned index) const {
  return call_of(pid_).entry.args[index];
}

std::string Tracer::text_at(std::uint64_t address) const {
  std::string text;
  for (;; address += sizeof(long)) {
    errno = 0;
    const long word = ::ptrace(PTRACE_PEEKDATA, pid_, address, nullptr);
    if (errno != 0) fail("PTRACE_PEEKDATA");
    const auto* const bytes = reinterpret_cast<const char*>(&word);
    const std::size_t size = ::strnlen(bytes, sizeof word);
    text.append(bytes, size);
    if (size < sizeof word) return text;
  }
}

}  // namespace test_support
