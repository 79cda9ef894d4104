// SPDX-License-Identifier: MIT
#include "lab/watch/keyboard.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <utility>

namespace lab {
namespace {

constexpr char escape = '\033';

constexpr std::pair<std::string_view, int> sequences[] = {
    {"\033[A", TypedKey::up},       {"\033[B", TypedKey::down},
    {"\033[C", TypedKey::right},    {"\033[D", TypedKey::left},
    {"\033OA", TypedKey::up},       {"\033OB", TypedKey::down},
    {"\033OC", TypedKey::right},    {"\033OD", TypedKey::left},
    {"\033[5~", TypedKey::page_up}, {"\033[6~", TypedKey::page_down},
};

/// Length of the control sequence at the start of `text`; 0: not complete.
std::size_t sequence_length(std::string_view text) {
  if (text.size() < 2) return 0;
  if (text[1] == 'O') return text.size() < 3 ? 0 : 3;
  if (text[1] != '[') return 1;
  for (std::size_t i = 2; i < text.size(); ++i) {
    if (text[i] >= '@' && text[i] <= '~') return i + 1;
  }
  return 0;
}

/// Only the foreground job may change its terminal: others would be stopped.
bool is_foreground() noexcept {
  return ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
}

}  // namespace

std::vector<int> take_keys(std::string& text) {
  std::vector<int> keys;
  while (!text.empty()) {
    if (text.front() != escape) {
      keys.push_back(static_cast<unsigned char>(text.front()));
      text.erase(0, 1);
      continue;
    }
    const std::size_t length = sequence_length(text);
    if (length == 0) break;
    for (const auto& [sequence, key] : sequences) {
      if (text.compare(0, length, sequence) == 0) keys.push_back(key);
    }
    text.erase(0, length);
  }
  return keys;
}

Keyboard::Keyboard() {
  if (::isatty(STDIN_FILENO) != 1 || !is_foreground() ||
      ::tcgetattr(STDIN_FILENO, &before_) != 0) {
    return;
  }
  fd_ = STDIN_FILENO;
  renew();
}

Keyboard::~Keyboard() {
  if (fd_ >= 0 && is_foreground()) ::tcsetattr(fd_, TCSADRAIN, &before_);
}

void Keyboard::renew() noexcept {
  termios now{};
  if (fd_ < 0 || !is_foreground() || ::tcgetattr(fd_, &now) != 0) return;
  constexpr tcflag_t lines = ICANON | ECHO;
  if ((now.c_lflag & lines) == 0) return;
  now.c_lflag &= ~lines;
  now.c_cc[VMIN] = 1;
  now.c_cc[VTIME] = 0;
  ::tcsetattr(fd_, TCSADRAIN, &now);
}

std::vector<int> Keyboard::take() {
  pollfd ready{fd_, POLLIN, 0};
  std::array<char, 256> buffer;
  if (fd_ < 0 || ::poll(&ready, 1, 0) <= 0) return {};
  const ssize_t count = ::read(fd_, buffer.data(), buffer.size());
  // A terminal that hung up: SIGHUP ends the program.
  if (count <= 0) return {};
  text_.append(buffer.data(), static_cast<std::size_t>(count));
  return take_keys(text_);
}

}  // namespace lab
