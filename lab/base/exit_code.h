// SPDX-License-Identifier: MIT
#pragma once

namespace lab {

/// The exit statuses of cglab, as promised to scripts and graders.
enum ExitCode : int {
  exit_expected = 0,          ///< the expected outcome was observed
  exit_other = 1,             ///< it ran, and had a different outcome
  exit_usage = 2,             ///< usage error
  exit_failed = 3,            ///< the harness or the kernel failed
  exit_left_behind = 4,       ///< a cgroup is left behind
  exit_unavailable = 77,      ///< this environment cannot run it
  exit_deadline = 124,        ///< the deadline passed
  exit_not_executable = 126,  ///< the command of `run` cannot be executed
  exit_not_found = 127,       ///< there is no such command
  exit_signal_base = 128,  ///< plus the number of the signal that interrupted
};

}  // namespace lab
