// SPDX-License-Identifier: MIT
#include "lab/report/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <system_error>

#include "lab/os/output.h"

namespace lab {
namespace {

constexpr std::chrono::milliseconds live_patience(100);
constexpr std::chrono::milliseconds no_patience(0);

/// No-color.org: any value that is not empty counts.
bool is_set(const char* variable) {
  const char* const value = std::getenv(variable);
  return value && *value;
}

bool is_dumb() {
  const char* const term = std::getenv("TERM");
  return !term || std::string_view(term) == "dumb";
}

bool decide_color(ColorChoice choice, bool capable) {
  if (choice != ColorChoice::automatic) return choice == ColorChoice::always;
  return capable && !is_set("NO_COLOR");
}

/// All zeros when unknown.
winsize size_of(std::FILE* stream) noexcept {
  winsize size{};
  if (!stream) return size;
  ::ioctl(::fileno(stream), TIOCGWINSZ, &size);
  return size;
}

}  // namespace

ColorChoice parse_color(std::string_view text) {
  if (text == "auto") return ColorChoice::automatic;
  if (text == "always") return ColorChoice::always;
  if (text == "never") return ColorChoice::never;
  throw UsageError(
      fmt::format("invalid value '{}' (use auto, always or never)", text));
}

Terminal::Terminal(std::FILE* stream, ColorChoice choice)
    : stream_(stream),
      live_(::isatty(::fileno(stream)) == 1 && !is_dumb()),
      colored_(decide_color(choice, live_)) {}

unsigned Terminal::width() const noexcept {
  const winsize size = size_of(stream_);
  return size.ws_col > 0 ? size.ws_col : 80;
}

unsigned Terminal::height() const noexcept {
  const winsize size = size_of(stream_);
  return size.ws_row > 0 ? size.ws_row : 24;
}

std::size_t Terminal::rows_of(std::size_t columns) const noexcept {
  const std::size_t width = this->width();
  return std::max<std::size_t>(1, (columns + width - 1) / width);
}

std::string Terminal::bold(std::string_view text) const {
  return paint(text, "1");
}
std::string Terminal::red(std::string_view text) const {
  return paint(text, "1;31");
}
std::string Terminal::green(std::string_view text) const {
  return paint(text, "1;32");
}
std::string Terminal::yellow(std::string_view text) const {
  return paint(text, "33");
}
std::string Terminal::dim(std::string_view text) const {
  return paint(text, "2");
}
std::string Terminal::inverse(std::string_view text) const {
  return paint(text, "7");
}

std::string Terminal::paint(std::string_view text, const char* code) const {
  if (!colored_) return std::string(text);
  return fmt::format("\033[{}m{}\033[0m", code, text);
}

bool Terminal::write(std::string_view text) const noexcept {
  // The process waits only once, not for every line.
  static bool is_stuck = false;
  if (!stream_) return false;
  const int error = try_write_output(::fileno(stream_), text,
                                     is_stuck ? no_patience : live_patience);
  is_stuck = error == EAGAIN;
  return error == 0;
}

void write_stdout(std::string_view text) {
  const int error = write_output(STDOUT_FILENO, text);
  if (error == 0) return;
  if (error == EINTR) throw Interrupted{interrupting_signal()};
  const std::string what = fmt::format("write to standard output: {}",
                                       std::generic_category().message(error));
  if (error == EPIPE) throw ReaderGone(what);
  if (error == EIO && ::isatty(STDOUT_FILENO) == 0 && errno == EIO) {
    throw TerminalGone(what);
  }
  throw RunError(what);
}

void write_stderr(std::string_view text) noexcept {
  write_output(STDERR_FILENO, text);
}

std::string clear_from_above(std::size_t rows) {
  std::string text = "\r\033[K";
  for (; rows > 0; --rows) text += "\033[A\033[K";
  return text;
}

}  // namespace lab
