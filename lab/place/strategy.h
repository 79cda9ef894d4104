// SPDX-License-Identifier: MIT
#pragma once

// Private to the placement: shared by its strategies.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cgroupfs/directory.h"
#include "lab/place/cgroup_path.h"
#include "lab/place/limiting_cgroup.h"
#include "lab/place/placement.h"

namespace lab {

/// The facts on which the strategies decide.
struct Situation {
  const Parameters& asked;
  const PlacementHost& host;
  cgroupfs::Hierarchy hierarchy;
  bool root = false;     ///< the effective user id is 0
  bool managed = false;  ///< systemd manages the cgroups of this host
  /// A place must be at or below it; nullopt with --parent, where the user
  /// decides.
  std::optional<LimitingCgroup> limiting = std::nullopt;
};

/// The strategy does not apply: why, and what could be done.
struct No {
  std::string reason;
  std::string fix;
};

/// A place: the parent, how it was chosen, and its preparation.
struct Place {
  std::string parent;
  StrategyCode how;
  Preparation preparation = Preparation::none;
};

using Answer = std::variant<Place, No>;

/// One way to find a place. consider() changes nothing.
struct Strategy {
  StrategyCode code;
  const char* name;  ///< in errors
  Answer (*consider)(const Situation& situation);
};

/// Throws UsageError and Unavailable when a parent was given that cannot be
/// used: then no other place is considered.
Answer consider_parent_option(const Situation& situation);
Answer consider_delegated_subtree(const Situation& situation);
Answer consider_systemd_scope(const Situation& situation);
Answer consider_own_v1_cgroup(const Situation& situation);
Answer consider_hierarchy_root(const Situation& situation);
Answer consider_namespace_root(const Situation& situation);

/// Whether this process may create cgroups in `directory` and move processes
/// there: moving needs write access also to cgroup.procs of the nearest common
/// ancestor, which is this directory.
bool may_make_cgroups(const cgroupfs::Directory& directory) noexcept;

/// Whether `directory` (v2) enables the memory controller for its children.
bool delegates_memory(const cgroupfs::Directory& directory);

/// Whether `directory` (v2) could enable it: it has the memory controller.
bool has_memory(const cgroupfs::Directory& directory);

/// The cure with which root delegates a cgroup to this user and, on v2, moves a
/// shell into it, within the cgroup that limits this process. Empty where that
/// is impossible: on v2 a cgroup with processes cannot delegate.
std::string delegation_commands(const Situation& situation);

}  // namespace lab
