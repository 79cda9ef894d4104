// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "lab/os/signal_fd.h"
#include "lab/report/html.h"

namespace lab {

/// What one run on one version of cgroups came to.
struct VersionRun {
  NamedRecord run;   ///< named after the version and where it ran
  std::string text;  ///< the record as the run wrote it
  int code = 0;      ///< its exit status, 0 or 1
};

/// Runs one experiment on one version: as a process of this program where the
/// host has it, else in the throw-away kernel (scripts/vm). `arguments` begin
/// with the experiment's name and name no version and no file; `vm_options`
/// are what the experiment needs there (" --swap 256M"). Says on stderr where
/// it runs if `tell`. Throws RunError with what a failed run said, Unavailable
/// when neither can run it, LeftBehind, and Interrupted.
VersionRun run_on_version(cgroupfs::Version version,
                          const std::vector<std::string>& arguments,
                          const std::string& vm_options,
                          const SignalFd& signals, bool tell);

}  // namespace lab
