// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string_view>

/// Output whose reader may stop reading: a pipe that is full, a terminal after
/// Ctrl-S. A plain write would wait for it despite signals, which are blocked
/// to protect the clean-up, and despite deadlines.
namespace lab {

/// Writes all of `text`, and waits as long as it takes; after a signal that
/// requests termination at most a second. 0, or errno: EINTR for a signal.
int write_output(int fd, std::string_view text) noexcept;

/// The same; removes from the front of `rest` what was written.
int write_rest(int fd, std::string_view& rest) noexcept;

/// The signal for which write_output() has returned EINTR.
int interrupting_signal() noexcept;

/// The same, but waits at most `longest` in all: then EAGAIN, and a part may
/// have been written.
int try_write_output(int fd, std::string_view text,
                     std::chrono::milliseconds longest) noexcept;

/// The same; removes from the front of `rest` what was written.
int try_write_rest(int fd, std::string_view& rest,
                   std::chrono::milliseconds longest) noexcept;

}  // namespace lab
