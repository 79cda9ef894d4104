// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/place/placement.h"

namespace lab {

/// The shell commands (POSIX sh) that do by hand what Occupancy does before and
/// after a run. Passive data.
struct PlaceByHand {
  std::vector<std::string> open;   ///< set `parent` in the shell to continue in
  std::vector<std::string> share;  ///< enable memory for its children
  std::vector<std::string> leave;  ///< after the cgroups in it are removed
};

/// `tasks`: the pids controller is enabled for children, too.
PlaceByHand place_by_hand(const Placement& placement, bool tasks);

}  // namespace lab
