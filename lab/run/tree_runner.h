// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/base/errors.h"
#include "lab/run/runner.h"

namespace lab {

/// The command was not executed; exit status 126 or 127. what() says why.
class NotExecuted : public RunError {
 public:
  /// `error` is errno of the exec.
  NotExecuted(const std::string& command, int error);

  int exit_code() const noexcept { return exit_code_; }

 private:
  int exit_code_;
};

/// Runs the command of `plan` in `placement`: cgroups made, limits written and
/// read back, child born inside and held before exec until its membership was
/// verified, then followed until nothing is left in its cgroup. A terminal's
/// signal reaches the command by itself; one that was sent to this process
/// alone is passed on. After a grace period, at a second signal, or when the
/// command has left only others behind, and at the deadline, everything inside
/// is killed. Throws as run() does, and NotExecuted; cleaned up in any case.
RunRecord run_command(const Plan& plan, const Placement& placement,
                      const Environment& environment, const SignalFd& signals,
                      Observer& observer);

}  // namespace lab
