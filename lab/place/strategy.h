// SPDX-License-Identifier: MIT
#pragma once

// Private to the placement: what its strategies share.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cgroupfs/directory.h"
#include "lab/place/cgroup_path.h"
#include "lab/place/limiting_cgroup.h"
#include "lab/place/placement.h"

namespace lab {

/// What the strategies decide from.
struct Situation {
  const Parameters& asked;
  const PlacementHost& host;
  cgroupfs::Hierarchy hierarchy;
  bool root = false;     ///< the effective user id is 0
  bool managed = false;  ///< systemd manages the cgroups of this host
  /// A place has to be at or below it; nullopt with --parent, which is the
  /// user's own word.
  std::optional<LimitingCgroup> limiting = std::nullopt;
};

/// No strategy: why, and what could be done.
struct No {
  std::string reason;
  std::string fix;
};

/// A place: the parent, how it was chosen, and what it needs.
struct Place {
  std::string parent;
  std::string how;
  Preparation preparation = Preparation::none;
};

using Answer = std::variant<Place, No>;

/// One way to find a place. Considering changes nothing.
struct Strategy {
  const char* name;
  Answer (*consider)(const Situation& situation);
};

/// Throws UsageError and Unavailable when a parent was asked for that cannot be
/// taken: no other place will do then.
Answer consider_parent_option(const Situation& situation);
Answer consider_delegated_subtree(const Situation& situation);
Answer consider_systemd_scope(const Situation& situation);
Answer consider_own_v1_cgroup(const Situation& situation);
Answer consider_hierarchy_root(const Situation& situation);
Answer consider_namespace_root(const Situation& situation);

/// Whether this process may make cgroups in `directory` and move processes
/// there: besides making the directory, moving needs cgroup.procs of the
/// nearest common ancestor, which is this directory.
bool may_make_cgroups(const cgroupfs::Directory& directory) noexcept;

/// Whether `directory` (v2) hands the memory controller to its children.
bool delegates_memory(const cgroupfs::Directory& directory);

/// Whether `directory` (v2) could hand it on: it was handed down to it.
bool has_memory(const cgroupfs::Directory& directory);

/// The cure with which root delegates a cgroup to this user and, on v2, moves a
/// shell into it, within what limits this process. Empty where there are none:
/// on v2 a cgroup that holds processes cannot delegate.
std::string delegation_commands(const Situation& situation);

}  // namespace lab
