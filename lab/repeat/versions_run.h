// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "lab/os/signal_fd.h"
#include "lab/report/html.h"

namespace lab {

/// The result of one run on one cgroup version.
struct VersionRun {
  NamedRecord run;   ///< named after the version and the machine
  std::string text;  ///< the record as written by the run
  int code = 0;      ///< its exit status, 0 or 1
};

/// Runs one experiment on one version: as a process of this program where the
/// host has it, else in the disposable VM (scripts/vm). `arguments` begin with
/// the experiment's name and contain no version and no file; `vm_options` are
/// those that the experiment needs there (" --swap 256M"). If `verbose`,
/// reports on stderr where it runs. Throws RunError with the errors of a failed
/// run, Unavailable when neither can run it, LeftBehind, and Interrupted.
VersionRun run_on_version(cgroupfs::Version version,
                          const std::vector<std::string>& arguments,
                          const std::string& vm_options,
                          const SignalFd& signals, bool verbose);

}  // namespace lab
