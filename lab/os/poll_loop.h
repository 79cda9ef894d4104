// SPDX-License-Identifier: MIT
#pragma once

#include <poll.h>

#include <functional>
#include <vector>

namespace lab {

/// Waits for many descriptors in one thread, with poll(2).
class PollLoop {
 public:
  using Callback = std::function<void()>;

  /// Calls `callback` whenever poll(2) reports any of `events`, an error or a
  /// hang-up for `fd` (borrowed). Not to be called from a callback.
  void watch(int fd, short events, Callback callback);
  /// Forgets `fd`. May be called from a callback.
  void unwatch(int fd) noexcept;
  /// Waits and calls until `done()` is true; checks before the first wait.
  /// Throws cgroupfs::FileError, and whatever a callback throws.
  void run_until(const std::function<bool()>& done);

 private:
  void dispatch();

  std::vector<pollfd> fds_;
  std::vector<Callback> callbacks_;
};

}  // namespace lab
