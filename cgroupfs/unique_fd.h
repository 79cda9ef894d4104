// SPDX-License-Identifier: MIT
#pragma once

#include <unistd.h>

#include <utility>

namespace cgroupfs {

/// Owner of one file descriptor; closes it when destroyed. Move-only.
class UniqueFd {
 public:
  UniqueFd() noexcept = default;
  /// Takes ownership of `fd`; a negative value means "none".
  explicit UniqueFd(int fd) noexcept : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  /// Swaps, so that the old descriptor is closed by `other`'s destructor.
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    UniqueFd taken(std::move(other));
    std::swap(fd_, taken.fd_);
    return *this;
  }
  ~UniqueFd() {
    if (fd_ >= 0) ::close(fd_);
  }

  /// The descriptor, still owned by this object; -1 when there is none.
  int get() const noexcept { return fd_; }
  /// Gives the descriptor up to the caller, who has to close it.
  int release() noexcept { return std::exchange(fd_, -1); }
  /// Closes the descriptor now, if there is one.
  void reset() noexcept { *this = UniqueFd(); }
  explicit operator bool() const noexcept { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

}  // namespace cgroupfs
