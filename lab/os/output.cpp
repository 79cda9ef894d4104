// SPDX-License-Identifier: MIT
#include "lab/os/output.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "lab/os/signal_fd.h"

namespace lab {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// The interval between checks for a signal.
constexpr milliseconds look_interval(50);
/// The time for the reader after a signal that requests termination.
constexpr milliseconds end_patience(1000);
/// The room in a terminal that poll(2) guarantees when it reports it as
/// writable (n_tty_poll(), WAKEUP_CHARS); for a pipe it is PIPE_BUF.
constexpr std::size_t piece_for_terminal = 256;

std::size_t piece_for(int fd) noexcept {
  return ::isatty(fd) == 1 ? piece_for_terminal : PIPE_BUF;
}

bool is_ready(int fd, milliseconds timeout) noexcept {
  pollfd entry{fd, POLLOUT, 0};
  return ::poll(&entry, 1, static_cast<int>(timeout.count())) > 0;
}

/// Writes a piece where there is room. 0, or errno: EAGAIN without room.
int write_piece(int fd, std::string_view& text, std::size_t piece,
                milliseconds timeout) noexcept {
  if (!is_ready(fd, timeout)) return EAGAIN;
  const std::string_view next = text.substr(0, piece);
  const ssize_t written = ::write(fd, next.data(), next.size());
  if (written < 0) return errno == EINTR ? 0 : errno;
  text.remove_prefix(static_cast<std::size_t>(written));
  return 0;
}

}  // namespace

int write_output(int fd, std::string_view text) noexcept {
  return write_rest(fd, text);
}

int write_rest(int fd, std::string_view& rest) noexcept {
  const std::size_t piece = piece_for(fd);
  const Clock::time_point start = Clock::now();
  while (!rest.empty()) {
    const int error = write_piece(fd, rest, piece, look_interval);
    if (error == 0) continue;
    if (error != EAGAIN) return error;
    const bool late = Clock::now() >= start + end_patience;
    if (pending_end_signal() || (end_signal_taken() && late)) return EINTR;
  }
  return 0;
}

int interrupting_signal() noexcept {
  return pending_end_signal().value_or(end_signal_taken().value_or(SIGTERM));
}

int try_write_output(int fd, std::string_view text,
                     milliseconds longest) noexcept {
  return try_write_rest(fd, text, longest);
}

int try_write_rest(int fd, std::string_view& rest,
                   milliseconds longest) noexcept {
  const std::size_t piece = piece_for(fd);
  const Clock::time_point end = Clock::now() + longest;
  while (!rest.empty()) {
    const auto left = std::chrono::duration_cast<milliseconds>(
        std::max(end - Clock::now(), Clock::duration::zero()));
    const int error = write_piece(fd, rest, piece, left);
    if (error != 0) return error;
  }
  return 0;
}

}  // namespace lab
