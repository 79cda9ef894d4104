// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/place/placement.h"

namespace lab {

/// What a requirement's state means for `cglab oom` with its defaults.
enum class Health {
  ok,
  limited,  ///< it runs, but shows less or takes longer
  missing,  ///< it does not run
  absent,   ///< this host does not have it, and it is not needed here
  unknown,  ///< cannot be found out on this host
};

/// "ok" and so on, as in JSON.
std::string_view to_string(Health health) noexcept;

/// One thing that the lab wants of a host. Plain data.
struct Requirement {
  std::string id;       ///< never translated: "memory_controller"
  std::string purpose;  ///< what it is wanted for, a clause
  Health health = Health::unknown;
  std::string found;               ///< what is there, a clause
  std::optional<std::string> fix;  ///< for this host, as Unavailable::fix()
};

/// A host as far as this lab goes.
struct Diagnosis {
  std::vector<Requirement> requirements;
  /// Where a run would go; nullopt when there is no place.
  std::optional<Placement> placement;
  /// Nothing that `cglab oom` needs is missing.
  bool oom_runs = false;
};

/// Examines this host. To see what its cgroups offer, an empty one is made for
/// a moment where a run would make its own. Never throws for what a host lacks.
Diagnosis diagnose();

}  // namespace lab
