// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/place/placement.h"
#include "lab/record/plan.h"

namespace lab {

/// What a run needs to know to be done by hand.
struct ByHand {
  Plan plan;
  Placement placement;
  std::string hog;            ///< path of malloc_demo
  bool swap_limited = false;  ///< the swap interface file exists here
};

/// The shell commands (POSIX sh) that do by hand, on this very host, what the
/// run would do; they work when pasted. Each is explained by a comment.
std::string dry_run_script(const ByHand& run);

}  // namespace lab
