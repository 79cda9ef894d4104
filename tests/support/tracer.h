// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace test_support {

/// Called in a child right before exec: its parent becomes its tracer.
void ask_to_be_traced();

/// Whether this process may trace its children.
bool may_trace();

/// Steps a child that has requested to be traced from system call to system
/// call (ptrace(2)); processes that it starts are not traced. Failures throw
/// std::system_error.
class Tracer {
 public:
  /// Waits until process `pid` was exec'ed.
  explicit Tracer(pid_t pid);

  /// Lets it continue up to its next system call, before it begins. False when
  /// it has ended, not reaped yet.
  bool go_on();
  /// The number of the call before which it is stopped.
  long number() const;
  /// Its argument `index`, 0 to 5.
  std::uint64_t argument(unsigned index) const;
  /// The string at `address` of the process, such as a path.
  std::string text_at(std::uint64_t address) const;

 private:
  bool go_to_stop();
  bool wait_for_stop();

  pid_t pid_;
  int signal_ = 0;  ///< to be delivered to it
  bool stopped_at_call_ = false;
};

}  // namespace test_support
