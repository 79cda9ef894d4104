// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

namespace test_support {

/// To be called in a child right before exec: its parent becomes its tracer.
void ask_to_be_traced();

/// Whether this process may trace its children.
bool may_trace();

/// Leads a child that has asked to be traced from system call to system call
/// (ptrace(2)); what it starts is not traced. Failures throw std::system_error.
class Tracer {
 public:
  /// Waits until process `pid` was exec'ed.
  explicit Tracer(pid_t pid);

  /// Lets it go on to its next system call, which it has not begun. False when
  /// it has ended, not reaped yet.
  bool go_on();
  /// The number of the call that it stands before.
  long number() const;

 private:
  bool go_to_stop();
  bool wait_for_stop();

  pid_t pid_;
  int signal_ = 0;  ///< to be delivered to it
  bool stopped_at_call_ = false;
};

}  // namespace test_support
