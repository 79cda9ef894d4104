// SPDX-License-Identifier: MIT
#pragma once

#include <termios.h>

#include <string>
#include <string_view>
#include <vector>

namespace lab {

/// A key that was typed: a character, or one of these.
enum TypedKey : int { up = 0x100, down, left, right, page_up, page_down };

/// The keys in what a terminal sent. The start of a sequence that is not
/// complete stays in `text`; sequences of other keys are dropped.
std::vector<int> take_keys(std::string& text);

/// Keys of the terminal at standard input, without Enter and without echo; its
/// settings are restored when this object is destroyed. Signals are still sent
/// by ^C and ^Z.
class Keyboard {
 public:
  Keyboard();
  ~Keyboard();
  Keyboard(const Keyboard&) = delete;
  Keyboard& operator=(const Keyboard&) = delete;

  /// Readable when a key was typed; -1 where standard input is not a terminal,
  /// or is that of another foreground job.
  int fd() const noexcept { return fd_; }
  /// The keys typed since the last call. Never blocks.
  std::vector<int> take();
  /// Sets the terminal again: a shell resets it when this job was stopped.
  void renew() noexcept;

 private:
  int fd_ = -1;
  termios before_{};
  std::string text_;
};

}  // namespace lab
