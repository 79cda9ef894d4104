// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "malloc_demo/progress.h"

/// How a malloc_demo ended and what it said.
struct Ending {
  /// -1 when a signal ended it.
  int exit_status = -1;
  /// 0 when it exited by itself.
  int signal = 0;
  std::string output;
  std::string errors;
};

/// A malloc_demo that waits at its gate, with a progress page. What is still
/// running when the object goes is killed.
class HogProcess {
 public:
  /// Runs in the child before exec.
  using Preparation = std::function<void()>;

  explicit HogProcess(
      const std::vector<std::string>& arguments,
      const Preparation& prepare = [] {});
  HogProcess(const HogProcess&) = delete;
  HogProcess& operator=(const HogProcess&) = delete;
  ~HogProcess();

  pid_t pid() const noexcept { return pid_; }
  std::uint64_t touched() const noexcept;
  std::uint64_t last_touch_ns() const noexcept;

  /// True once it sleeps without anything more to do.
  bool sleeps() const;

  /// Waits until it sleeps with exactly this many bytes touched; false when
  /// that never happens.
  bool stops_at(std::uint64_t bytes) const;

  void open_gate();
  void close_gate();

  /// The next line it writes, without the newline.
  std::string read_line();

  Ending wait();

 private:
  pid_t pid_ = -1;
  int gate_ = -1;
  int output_ = -1;
  int errors_ = -1;
  malloc_demo::ProgressPage* progress_ = nullptr;
};

/// Runs malloc_demo to its end, without gate and progress page.
Ending run_malloc_demo(
    const std::vector<std::string>& arguments,
    const HogProcess::Preparation& prepare = [] {});

/// Where the program under test lies.
std::string malloc_demo_path();
