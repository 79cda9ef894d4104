// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/base/language.h"
#include "lab/place/placement.h"

namespace lab {

/// What a requirement's state means for `cglab oom` with its defaults.
enum class Health {
  ok,
  limited,  ///< it runs, but shows less or takes longer
  missing,  ///< it does not run
  absent,   ///< this host does not have it, and it is not needed here
  unknown,  ///< cannot be determined on this host
};

/// "ok" and so on, as in JSON.
std::string_view to_string(Health health) noexcept;

/// One thing that the lab needs of a host, and what was found.
struct Requirement {
  std::string id;       ///< never translated: "memory_controller"
  std::string title;    ///< "memory controller"
  std::string purpose;  ///< what it is needed for, a clause
  Health health = Health::unknown;
  std::string found;               ///< a clause
  std::optional<std::string> fix;  ///< for this host, as Unavailable::fix()
};

/// What a host has and lacks for this lab.
struct Diagnosis {
  Language language = Language::en;  ///< of its texts
  std::vector<Requirement> requirements;
  /// Where a run would make its cgroup; nullopt when there is no such place.
  std::optional<Placement> placement;
  /// Nothing that `cglab oom` needs is missing.
  bool oom_runs = false;
};

/// Examines this host, and describes it in `language`. To see what its cgroups
/// offer, an empty one is made for a moment where a run would make its own.
/// Never throws for what a host lacks.
Diagnosis diagnose(Language language);

}  // namespace lab
