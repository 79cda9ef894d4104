// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string_view>

/// Output that a reader may stop taking: a pipe that is full, a terminal after
/// Ctrl-S. A plain write would wait for it in spite of every signal, which are
/// blocked for the sake of the clean-up, and of every deadline.
namespace lab {

/// Writes all of `text`, and waits as long as it takes; for the end, once a
/// signal has asked for that, at most a second. 0, or errno: EINTR by a signal.
int write_output(int fd, std::string_view text) noexcept;

/// The signal for which write_output() has returned EINTR.
int interrupting_signal() noexcept;

/// The same, but waits at most `longest` in all: EAGAIN then, and a part may be
/// written.
int try_write_output(int fd, std::string_view text,
                     std::chrono::milliseconds longest) noexcept;

}  // namespace lab
