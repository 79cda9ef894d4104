// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
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
  /// Inspects `stream` and the environment: NO_COLOR and TERM=dumb are obeyed
  /// unless `choice` overrides them.
  Terminal(std::FILE* stream, ColorChoice choice);
  /// Of text for a file: 80 columns, no colours, whatever the terminal is.
  Terminal() = default;

  /// Whether a line can be redrawn in place.
  bool is_live() const noexcept { return live_; }
  /// Columns; 80 when unknown. Read at each call: windows are resized.
  unsigned width() const noexcept;
  /// Lines; 24 when unknown. Read at each call.
  unsigned height() const noexcept;
  /// Rows that a line of `columns` occupies now: a terminal that has become
  /// narrower has wrapped it.
  std::size_t rows_of(std::size_t columns) const noexcept;

  /// `text` in bold, red, green or dim, or plain where colours are off.
  std::string bold(std::string_view text) const;
  std::string red(std::string_view text) const;
  std::string green(std::string_view text) const;
  std::string yellow(std::string_view text) const;
  std::string dim(std::string_view text) const;
  /// Background and foreground exchanged.
  std::string inverse(std::string_view text) const;

  /// Writes `text` at once: what a reader does not read soon is dropped, since
  /// a run must not wait for it. False when it could not be written (disk full,
  /// reader gone).
  bool write(std::string_view text) const noexcept;

 private:
  std::string paint(std::string_view text, const char* code) const;

  std::FILE* stream_ = nullptr;
  bool live_ = false;
  bool colored_ = false;
};

/// Standard output is a pipe whose reading end was closed.
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
/// full), ReaderGone, TerminalGone, or Interrupted when a signal arrived while
/// the reader did not read.
void write_stdout(std::string_view text);

/// Writes `text` to standard error, as write_output(). A failure is ignored:
/// it could not be reported anywhere.
void write_stderr(std::string_view text) noexcept;

/// Clears the line of the cursor and `rows` above it, and leaves the cursor at
/// the start of the uppermost. Line by line: tmux and others keep a screen that
/// is cleared from its first row on in their history.
std::string clear_from_above(std::size_t rows);

}  // namespace lab
