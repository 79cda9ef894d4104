// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "lab/base/enum_words.h"
#include "lab/record/plan.h"
#include "lab/record/record.h"

namespace lab {

/// The preparation needed before cgroups can be created in the chosen place;
/// see Occupancy.
enum class Preparation {
  none,
  /// A transient scope of systemd, delegated to this process; `parent` is known
  /// once it exists.
  systemd_scope,
  /// The processes in `parent` are moved to a leaf in it, and memory is enabled
  /// for its children; undone after the run.
  move_aside,
};

/// How a parent is chosen, in placements and records. Those in the list of
/// choose_placement() are also rejected by this name; reports have the words.
enum class StrategyCode {
  parent_option,
  delegated_subtree,
  own_delegating,
  delegating_ancestor,
  own_alone,
  systemd_scope,
  user_systemd_scope,
  own_v1_cgroup,
  hierarchy_root,
  namespace_root,
};

template <>
struct EnumWords<StrategyCode> {
  static constexpr auto table = enum_words<StrategyCode>(
      {{StrategyCode::parent_option, "parent_option"},
       {StrategyCode::delegated_subtree, "delegated_subtree"},
       {StrategyCode::own_delegating, "own_delegating"},
       {StrategyCode::delegating_ancestor, "delegating_ancestor"},
       {StrategyCode::own_alone, "own_alone"},
       {StrategyCode::systemd_scope, "systemd_scope"},
       {StrategyCode::user_systemd_scope, "user_systemd_scope"},
       {StrategyCode::own_v1_cgroup, "own_v1_cgroup"},
       {StrategyCode::hierarchy_root, "hierarchy_root"},
       {StrategyCode::namespace_root, "namespace_root"}});
};

/// Where a run creates its cgroups, and why.
struct Placement {
  cgroupfs::Version version = cgroupfs::Version::v2;
  cgroupfs::Hierarchy hierarchy;
  std::string parent;  ///< directory for the run's cgroup
  StrategyCode strategy = StrategyCode::hierarchy_root;  ///< how it was chosen
  std::string mode;  ///< cgroupfs::host_mode() of this host
  Preparation preparation = Preparation::none;
  std::vector<Rejection> rejected;  ///< strategies before this one
};

/// The host as the strategies see it. A test uses a folder of files.
struct PlacementHost {
  cgroupfs::HostFiles files;
  /// Exists where systemd manages the cgroups (sd_booted(3)).
  std::string systemd = "/run/systemd/system";
  /// The cgroup of the first process of this PID namespace (cgroups(7)).
  std::string first_process = "/proc/1/cgroup";
};

/// Chooses the memory hierarchy and, with an ordered list of strategies, a
/// parent for a run: `--parent`; a delegated subtree that contains this
/// process; a scope of systemd; the own cgroup on v1; the root of the hierarchy
/// where nothing manages it; the root of a container's cgroup namespace. All
/// except --parent stay within the nearest cgroup that limits this process, so
/// that a run inside a run stays inside. Changes nothing. Throws Unavailable,
/// with the reason why each does not apply, and UsageError for an invalid
/// parent.
Placement choose_placement(const Parameters& asked,
                           const PlacementHost& host = {});

/// The next strategy that applies after `failed`, which did not work because of
/// `reason`. Throws as choose_placement() does.
Placement choose_after(const Placement& failed, const std::string& reason,
                       const Parameters& asked, const PlacementHost& host = {});

/// Why `search` found the memory controller on neither version.
std::string no_memory_controller(const cgroupfs::ControllerSearch& search);

}  // namespace lab
