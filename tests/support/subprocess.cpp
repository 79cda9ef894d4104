// SPDX-License-Identifier: MIT
#include "tests/support/subprocess.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/support/system_failure.h"
#include "tests/support/wait.h"

namespace test_support {
namespace {

using cgroupfs::UniqueFd;
using Clock = std::chrono::steady_clock;

/// Only a program that hangs takes this long.
constexpr std::chrono::seconds deadline(120);

void close_on_exec(const UniqueFd& fd) {
  if (::fcntl(fd.get(), F_SETFD, FD_CLOEXEC) != 0) fail("fcntl");
}

/// The ends of a stream: the test reads, the process writes.
struct Ends {
  UniqueFd read;
  UniqueFd write;
};

Ends make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// Raw: the reader gets exactly the bytes that were written.
Ends make_terminal() {
  termios raw{};
  ::cfmakeraw(&raw);
  winsize size{};
  size.ws_row = 24;
  size.ws_col = 80;
  int master = -1;
  int slave = -1;
  if (::openpty(&master, &slave, nullptr, &raw, &size) != 0) fail("openpty");
  Ends ends{UniqueFd(master), UniqueFd(slave)};
  close_on_exec(ends.read);
  close_on_exec(ends.write);
  return ends;
}

Ends make_output(const ProcessSpec& spec) {
  Ends ends = spec.terminals ? make_terminal() : make_pipe();
  if (spec.output_file.empty()) return ends;
  ends.write = UniqueFd(::open(spec.output_file.c_str(), O_WRONLY | O_CLOEXEC));
  if (!ends.write) fail(spec.output_file.c_str());
  return ends;
}

void set_environment(const ProcessSpec& spec) {
  for (const auto& [name, value] : spec.environment) {
    if (value) {
      ::setenv(name.c_str(), value->c_str(), 1);
    } else {
      ::unsetenv(name.c_str());
    }
  }
}

std::vector<char*> make_argv(const ProcessSpec& spec) {
  std::vector<char*> argv{const_cast<char*>(spec.program.c_str())};
  for (const std::string& argument : spec.arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  return argv;
}

[[noreturn]] void become(const ProcessSpec& spec, const UniqueFd& out,
                         const UniqueFd& err) {
  const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  ::dup2(null.get(), STDIN_FILENO);
  ::dup2(out.get(), STDOUT_FILENO);
  ::dup2(err.get(), STDERR_FILENO);
  set_environment(spec);
  // The tests may have been started with some ignored: nohup, the background of
  // a script.
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    ::signal(number, SIG_DFL);
  }
  try {
    spec.prepare();
  } catch (const std::exception& error) {
    // The objects of the test belong to the parent.
    std::cerr << error.what() << std::endl;
    ::_exit(126);
  }
  ::execvp(spec.program.c_str(), make_argv(spec).data());
  ::_exit(errno == ENOENT ? 127 : 126);
}

int status_of(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status)
                                  : WEXITSTATUS(wait_status);
}

}  // namespace

Subprocess Subprocess::start(const ProcessSpec& spec) {
  Ends out = make_output(spec);
  Ends err = spec.terminals ? make_terminal() : make_pipe();
  Subprocess process;
  process.pid_ = ::fork();
  if (process.pid_ < 0) fail("fork");
  if (process.pid_ == 0) become(spec, out.write, err.write);
  process.streams_[0].fd = std::move(out.read);
  process.streams_[1].fd = std::move(err.read);
  return process;
}

Subprocess::Subprocess(Subprocess&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), streams_(std::move(other.streams_)) {}

Subprocess::~Subprocess() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Subprocess::signal(int number) const {
  if (::kill(pid_, number) != 0) fail("kill");
}

bool Subprocess::streams_open() const noexcept {
  return streams_[0].fd || streams_[1].fd;
}

/// A terminal whose other end was closed returns EIO, a pipe end of file.
void Subprocess::read_along(int timeout_ms) {
  std::array<pollfd, 2> waits{pollfd{streams_[0].fd.get(), POLLIN, 0},
                              pollfd{streams_[1].fd.get(), POLLIN, 0}};
  if (::poll(waits.data(), waits.size(), timeout_ms) <= 0) return;
  for (std::size_t i = 0; i < waits.size(); ++i) {
    if (!streams_[i].fd || waits[i].revents == 0) continue;
    std::array<char, 65536> buffer;
    const ssize_t count =
        ::read(streams_[i].fd.get(), buffer.data(), buffer.size());
    if (count > 0) {
      streams_[i].text.append(buffer.data(), static_cast<std::size_t>(count));
    } else if (count == 0 || errno != EINTR) {
      streams_[i].fd.reset();
    }
  }
}

bool Subprocess::says(std::string_view text) {
  return read_until(streams_[1], text);
}

bool Subprocess::prints(std::string_view text) {
  return read_until(streams_[0], text);
}

bool Subprocess::read_until(const Stream& stream, std::string_view text) {
  const auto end = Clock::now() + wait_timeout;
  while (stream.text.find(text) == std::string::npos) {
    if (Clock::now() >= end || !streams_open()) return false;
    read_along(100);
  }
  return true;
}

Ending Subprocess::wait() {
  const auto end = Clock::now() + deadline;
  while (streams_open() && Clock::now() < end) read_along(100);
  siginfo_t info{};
  while (Clock::now() < end && info.si_pid != pid_) {
    ::waitid(P_PID, static_cast<id_t>(pid_), &info,
             WEXITED | WNOWAIT | WNOHANG);
    if (info.si_pid != pid_) ::usleep(1000);
  }
  if (info.si_pid != pid_) {
    ADD_FAILURE() << "the program did not end within " << deadline.count()
                  << " s; its output so far: " << streams_[1].text;
    signal(SIGKILL);
  }
  const pid_t pid = std::exchange(pid_, 0);
  int status = 0;
  if (::waitpid(pid, &status, 0) < 0) fail("waitpid");
  return {pid, status_of(status), WIFSIGNALED(status),
          std::move(streams_[0].text), std::move(streams_[1].text)};
}

Ending run_process(const ProcessSpec& spec) {
  return Subprocess::start(spec).wait();
}

}  // namespace test_support
