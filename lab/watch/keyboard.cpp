// SPDX-License-Identifier: MIT
#include "lab/watch/keyboard.h"

#include <poll.h>
#include <sys/epoll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "cgroupfs/error.h"

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

/// Per process, as the settings of its terminal are.
termios mode_before;
struct sigaction stop_before;

/// Only the foreground job may change its terminal: others would be stopped.
bool is_foreground() noexcept {
  return ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
}

void restore_mode() noexcept {
  if (is_foreground()) ::tcsetattr(STDIN_FILENO, TCSANOW, &mode_before);
}

void set_key_mode() noexcept {
  termios now{};
  if (!is_foreground() || ::tcgetattr(STDIN_FILENO, &now) != 0) return;
  constexpr tcflag_t lines = ICANON | ECHO;
  if ((now.c_lflag & lines) == 0) return;
  now.c_lflag &= ~lines;
  now.c_cc[VMIN] = 1;
  now.c_cc[VTIME] = 0;
  ::tcsetattr(STDIN_FILENO, TCSANOW, &now);
}

void handle_stop(void (*handler)(int)) noexcept {
  struct sigaction action {};
  action.sa_handler = handler;
  // The default action applies within the handler.
  action.sa_flags = SA_RESTART | SA_RESETHAND | SA_NODEFER;
  ::sigaction(SIGTSTP, &action, nullptr);
}

/// Not every shell sets the terminal again when a job was stopped.
void on_stop(int number) {
  const int error = errno;
  restore_mode();
  ::raise(number);
  handle_stop(on_stop);
  set_key_mode();
  errno = error;
}

/// The read of a background job fails, and does not stop it.
ssize_t read_keys(char* text, std::size_t size) noexcept {
  sigset_t stop;
  sigset_t before;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTTIN);
  ::sigprocmask(SIG_BLOCK, &stop, &before);
  const ssize_t count = ::read(STDIN_FILENO, text, size);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  return count;
}

bool is_typed() noexcept {
  pollfd ready{STDIN_FILENO, POLLIN, 0};
  return ::poll(&ready, 1, 0) > 0;
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
      ::tcgetattr(STDIN_FILENO, &mode_before) != 0) {
    return;
  }
  fd_ = cgroupfs::UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
  epoll_event typed{EPOLLIN | EPOLLET, {}};
  if (!fd_ || ::epoll_ctl(fd_.get(), EPOLL_CTL_ADD, STDIN_FILENO, &typed) < 0) {
    cgroupfs::throw_errno("wait for", "the keys of the terminal");
  }
  ::sigaction(SIGTSTP, nullptr, &stop_before);
  if (stop_before.sa_handler != SIG_IGN) handle_stop(on_stop);
  set_key_mode();
}

Keyboard::~Keyboard() {
  if (!fd_) return;
  ::sigaction(SIGTSTP, &stop_before, nullptr);
  restore_mode();
}

void Keyboard::renew() noexcept {
  if (fd_) set_key_mode();
}

std::vector<int> Keyboard::take() {
  epoll_event event{};
  if (fd_) ::epoll_wait(fd_.get(), &event, 1, 0);
  std::array<char, 256> buffer;
  while (fd_ && is_typed()) {
    const ssize_t count = read_keys(buffer.data(), buffer.size());
    // In the background; or the terminal hung up: SIGHUP ends the program.
    if (count <= 0) break;
    text_.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return take_keys(text_);
}

}  // namespace lab
