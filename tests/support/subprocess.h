// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "cgroupfs/unique_fd.h"

namespace test_support {

/// The program to start.
struct ProcessSpec {
  std::string program;                 ///< path, or a name on PATH
  std::vector<std::string> arguments;  ///< without argv[0]
  /// Set (nullopt: removed) in addition to the environment of the test.
  std::vector<std::pair<std::string, std::optional<std::string>>> environment;
  /// Runs in the child right before exec; may end it with _exit.
  std::function<void()> prepare = [] {};
  /// Standard output and error are terminals of 80 columns, one each.
  bool terminals = false;
  /// Standard output is this file, when it is not empty.
  std::string output_file;
};

/// How a process ended, and its output.
struct Ending {
  pid_t pid = 0;
  int status = -1;  ///< as in a shell: 128+n after signal n
  bool signalled = false;
  std::string out;
  std::string err;
};

/// A program under test. Its standard input is /dev/null. It is killed when
/// this object is destroyed. Failures of the harness itself throw
/// std::system_error.
class Subprocess {
 public:
  static Subprocess start(const ProcessSpec& spec);

  Subprocess(Subprocess&& other) noexcept;
  Subprocess& operator=(Subprocess&&) = delete;
  /// Kills and reaps the process, if it was not waited for.
  ~Subprocess();

  pid_t pid() const noexcept { return pid_; }
  void signal(int number) const;
  /// Reads the output until standard error contains `text`; false when it does
  /// not within `wait_timeout`, or the process ends first.
  bool says(std::string_view text);
  /// The same for standard output.
  bool prints(std::string_view text);
  /// Reads the output until the process ends. If it does not end before the
  /// deadline of a test, the test fails and it is killed.
  Ending wait();

 private:
  struct Stream {
    cgroupfs::UniqueFd fd;
    std::string text;
  };

  Subprocess() = default;
  bool read_until(const Stream& stream, std::string_view text);
  void read_along(int timeout_ms);
  bool streams_open() const noexcept;

  pid_t pid_ = 0;  ///< 0 when reaped or moved from
  std::array<Stream, 2> streams_;
};

/// start() and wait().
Ending run_process(const ProcessSpec& spec);

}  // namespace test_support
