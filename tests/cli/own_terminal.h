// SPDX-License-Identifier: MIT
#pragma once

#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <string_view>
#include <system_error>

#include "cgroupfs/unique_fd.h"

namespace cli_test {

/// A terminal of 80 columns for a program that leads a session on it.
class OwnTerminal {
 public:
  OwnTerminal() {
    int master = -1;
    int slave = -1;
    const winsize size{24, 80, 0, 0};
    if (::openpty(&master, &slave, nullptr, nullptr, &size) != 0) {
      throw std::system_error(errno, std::generic_category(), "openpty");
    }
    master_ = cgroupfs::UniqueFd(master);
    slave_ = cgroupfs::UniqueFd(slave);
  }

  int master() const noexcept { return master_.get(); }
  int slave() const noexcept { return slave_.get(); }

  /// In the child: it is the controlling terminal and standard input, and
  /// standard output as well if `is_output`.
  void become_controlling(bool is_output) const noexcept {
    ::setsid();
    ::dup2(slave_.get(), STDIN_FILENO);
    ::ioctl(STDIN_FILENO, TIOCSCTTY, 0);
    if (is_output) ::dup2(slave_.get(), STDOUT_FILENO);
    ::close(slave_.get());
    ::close(master_.get());
  }

  /// As a user does.
  void type(std::string_view text) const {
    if (::write(master_.get(), text.data(), text.size()) !=
        static_cast<ssize_t>(text.size())) {
      throw std::system_error(errno, std::generic_category(), "type");
    }
  }

 private:
  cgroupfs::UniqueFd master_;
  cgroupfs::UniqueFd slave_;
};

}  // namespace cli_test
