// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "lab/place/placement.h"
#include "lab/record/plan.h"
#include "lab/record/record.h"

namespace lab {

/// What is needed to write a run as shell commands.
struct ByHand {
  Plan plan;  ///< fitted
  Placement placement;
  Environment environment;
  Language language = Language::en;  ///< of the comments
  std::string hog;                   ///< path of malloc_demo
  bool swap_limited = false;         ///< this kernel accounts swap to cgroups
  /// A folder on a disk, or a block device, for files that are read.
  std::string disk = {};
  /// Where the cgroup that limits tasks is made; nullopt: it is the memory
  /// cgroup itself.
  std::optional<std::string> pids_parent = std::nullopt;
};

/// The shell commands (POSIX sh) that do by hand, on this very host, what the
/// run would do; they work when pasted. Each is explained by a comment.
std::string dry_run_script(const ByHand& run);

}  // namespace lab
