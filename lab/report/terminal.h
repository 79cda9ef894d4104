// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "lab/base/errors.h"

namespace lab {

/// When to use colours.
enum class ColorChoice { automatic, always, never };

/// "auto", "always" or "never". Throws UsageError.
ColorChoice parse_color(std::string_view text);

/// What an output stream can show.
class Terminal {
 public:
  /// Asks `stream` and the environment: NO_COLOR and TERM=dumb are obeyed
  /// unless `choice` says otherwise.
  Terminal(std::FILE* stream, ColorChoice choice);

  /// Whether a line can be redrawn in place.
  bool is_live() const noexcept { return live_; }
  /// Columns; 80 when unknown. Asked anew each time: windows change.
  unsigned width() const noexcept;
  /// Lines; more than any report has when the stream is not a terminal.
  unsigned height() const noexcept;

  /// `text` in bold, red, green or dim, or plain where colours are off.
  std::string bold(std::string_view text) const;
  std::string red(std::string_view text) const;
  std::string green(std::string_view text) const;
  std::string yellow(std::string_view text) const;
  std::string dim(std::string_view text) const;

  /// Writes `text` at once: what a reader does not take soon is dropped, for a
  /// run must not wait for it. False when it could not be written (disk full,
  /// reader gone).
  bool write(std::string_view text) const noexcept;

 private:
  std::string paint(std::string_view text, const char* code) const;

  std::FILE* stream_;
  bool live_;
  bool colored_;
};

/// Standard output is a pipe that nobody reads any more.
class ReaderGone : public RunError {
 public:
  using RunError::RunError;
};

/// Standard output was a terminal, which hung up.
class TerminalGone : public RunError {
 public:
  using RunError::RunError;
};

/// Writes `text` to standard output. Throws RunError when that fails (disk
/// full), ReaderGone, TerminalGone, or Interrupted when a signal came while
/// nobody took it.
void write_stdout(std::string_view text);

/// Writes `text` to standard error, as write_output(). A failure is ignored:
/// there is nobody left to tell.
void write_stderr(std::string_view text) noexcept;

}  // namespace lab
