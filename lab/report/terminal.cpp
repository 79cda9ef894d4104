// SPDX-License-Identifier: MIT
#include "lab/report/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace lab {
namespace {

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
  winsize size{};
  if (::ioctl(::fileno(stream_), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return size.ws_col;
  }
  return 80;
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

std::string Terminal::paint(std::string_view text, const char* code) const {
  if (!colored_) return std::string(text);
  return fmt::format("\033[{}m{}\033[0m", code, text);
}

bool Terminal::write(std::string_view text) const noexcept {
  const std::size_t written = std::fwrite(text.data(), 1, text.size(), stream_);
  return std::fflush(stream_) == 0 && written == text.size();
}

void write_stdout(std::string_view text) {
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (written && std::fflush(stdout) == 0) return;
  const int error = errno;
  const std::string what = fmt::format("write to standard output: {}",
                                       std::generic_category().message(error));
  if (error == EPIPE) throw ReaderGone(what);
  if (error == EIO && ::isatty(STDOUT_FILENO) == 0 && errno == EIO) {
    throw TerminalGone(what);
  }
  throw RunError(what);
}

void write_stderr(std::string_view text) noexcept {
  [[maybe_unused]] const std::size_t written =
      std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace lab
