// SPDX-License-Identifier: MIT
#pragma once

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "cgroupfs/unique_fd.h"

namespace test_support {

/// A pseudo-terminal: what is written to stream() is read from its other side.
class PseudoTerminal {
 public:
  PseudoTerminal() : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK)) {
    if (!master_ || ::grantpt(master_.get()) || ::unlockpt(master_.get())) {
      throw std::runtime_error("cannot open a pseudo-terminal");
    }
    // Never the controlling terminal of a session leader: it would get SIGHUP.
    const int other =
        ::open(::ptsname(master_.get()), O_RDWR | O_NOCTTY | O_CLOEXEC);
    stream_ = other < 0 ? nullptr : ::fdopen(other, "r+");
    if (!stream_) throw std::runtime_error("cannot open its other side");
    termios mode{};
    ::tcgetattr(::fileno(stream_), &mode);
    ::cfmakeraw(&mode);
    ::tcsetattr(::fileno(stream_), TCSANOW, &mode);
  }
  ~PseudoTerminal() { std::fclose(stream_); }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  std::FILE* stream() const { return stream_; }
  void resize(unsigned short columns, unsigned short rows = 24) const {
    const winsize size{rows, columns, 0, 0};
    ::ioctl(master_.get(), TIOCSWINSZ, &size);
  }
  /// What was written since the last call.
  std::string take() const {
    std::string text;
    std::array<char, 4096> buffer;
    ssize_t count = 0;
    while ((count = ::read(master_.get(), buffer.data(), buffer.size())) > 0) {
      text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return text;
  }

 private:
  cgroupfs::UniqueFd master_;
  std::FILE* stream_ = nullptr;
};

/// What a terminal shows that wraps its lines anew when it is resized, as VTE
/// and tmux do. Knows ASCII, "\r", "\n", cursor up, and clear to the end of the
/// line; throws std::runtime_error for any other escape sequence.
class Screen {
 public:
  explicit Screen(std::size_t columns) : columns_(columns) {}

  void resize(std::size_t columns) {
    columns_ = columns;
    after_full_row_ = at_ > 0 && at_ % columns_ == 0;
  }

  void write(std::string_view text) {
    while (!text.empty()) {
      const char letter = text.front();
      text.remove_prefix(1);
      if (letter == '\n') {
        if (++line_ == lines_.size()) lines_.emplace_back();
        move_to(0);
      } else if (letter == '\r') {
        move_to(row() * columns_);
      } else if (letter == '\033') {
        obey(text);
      } else {
        put(letter);
      }
    }
  }

  /// Lines as they were written, without empty ones at the end.
  std::vector<std::string> lines() const {
    std::vector<std::string> lines = lines_;
    while (!lines.empty() && lines.back().empty()) lines.pop_back();
    return lines;
  }

 private:
  /// The row of the cursor in its line. After the last column of a full row it
  /// is still in that row.
  std::size_t row() const { return at_ / columns_ - (after_full_row_ ? 1 : 0); }

  void move_to(std::size_t place) {
    at_ = place;
    after_full_row_ = false;
  }

  std::size_t last_row(const std::string& line) const {
    return line.empty() ? 0 : (line.size() - 1) / columns_;
  }

  void put(char letter) {
    std::string& line = lines_[line_];
    if (line.size() <= at_) line.resize(at_ + 1, ' ');
    line[at_++] = letter;
    after_full_row_ = at_ % columns_ == 0;
  }

  void obey(std::string_view& text) {
    const std::size_t end = text.find_first_of("AKm");
    if (end == text.npos || text.front() != '[') {
      throw std::runtime_error("unknown escape sequence");
    }
    const std::string number(text.substr(1, end - 1));
    const char command = text[end];
    text.remove_prefix(end + 1);
    if (command == 'A') {
      up(number.empty() ? 1 : std::stoul(number));
    } else if (command == 'K') {
      lines_[line_].resize(std::min(at_, lines_[line_].size()));
    }
  }

  void up(std::size_t rows) {
    const std::size_t column = at_ - row() * columns_;
    std::size_t row = this->row();
    for (; rows > 0; --rows) {
      if (row > 0) {
        --row;
      } else if (line_ > 0) {
        row = last_row(lines_[--line_]);
      }
    }
    move_to(row * columns_ + std::min(column, columns_ - 1));
  }

  std::size_t columns_;
  std::vector<std::string> lines_{""};
  std::size_t line_ = 0;
  std::size_t at_ = 0;  ///< of the line, whatever the rows
  bool after_full_row_ = false;
};

}  // namespace test_support
