// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cgroupfs/unique_fd.h"

namespace lab {

/// A key that was typed: a character, or one of these.
enum TypedKey : int { up = 0x100, down, left, right, page_up, page_down };

/// The keys in what a terminal sent. The start of a sequence that is not
/// complete stays in `text`; sequences of other keys are dropped.
std::vector<int> take_keys(std::string& text);

/// Keys of the terminal at standard input, without Enter and without echo; its
/// settings are restored when this object is destroyed, and while ^Z (SIGTSTP)
/// stops the process. In the background nothing is read. Signals are still sent
/// by ^C and ^Z. One object per process.
class Keyboard {
 public:
  Keyboard();
  ~Keyboard();
  Keyboard(const Keyboard&) = delete;
  Keyboard& operator=(const Keyboard&) = delete;

  /// Readable when a key was typed since the last call of take(); -1 where
  /// standard input is not a terminal, or is that of another foreground job.
  int fd() const noexcept { return fd_.get(); }
  /// The keys typed since the last call. Never blocks.
  std::vector<int> take();
  /// Sets the terminal again: a shell resets it when this job was stopped.
  void renew() noexcept;

 private:
  /// An epoll instance: the terminal, which is not read in the background,
  /// stays readable then.
  cgroupfs::UniqueFd fd_;
  std::string text_;
};

}  // namespace lab
