// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "lab/record/plan.h"
#include "lab/record/record.h"

namespace lab {

/// What has to be done before cgroups can be made in the chosen place; see
/// Occupancy.
enum class Preparation {
  none,
  /// A transient scope of systemd, delegated to this process; `parent` is known
  /// when it is there.
  systemd_scope,
  /// The processes in `parent` move to a leaf below it, and it hands memory to
  /// its children; undone after the run.
  move_aside,
};

/// Where a run makes its cgroups, and why there.
struct Placement {
  cgroupfs::Version version = cgroupfs::Version::v2;
  cgroupfs::Hierarchy hierarchy;
  std::string parent;    ///< directory that gets the run's cgroup
  std::string strategy;  ///< how it was chosen, a clause for people
  std::string mode;      ///< cgroupfs::host_mode() of this host
  Preparation preparation = Preparation::none;
  std::vector<Rejection> rejected;  ///< strategies that come before this one
};

/// The host as the strategies see it. A test gives a folder of files.
struct PlacementHost {
  cgroupfs::HostFiles files;
  /// Exists where systemd manages the cgroups (sd_booted(3)).
  std::string systemd = "/run/systemd/system";
  /// Where the first process of this PID namespace is (cgroups(7)).
  std::string first_process = "/proc/1/cgroup";
};

/// Chooses the memory hierarchy and, by an ordered list of strategies, a parent
/// for a run: `--parent`; a delegated subtree that this process is in; a scope
/// of systemd; the own cgroup on v1; the root of the hierarchy where nobody
/// manages it; the root of a container's cgroup namespace. All but --parent
/// stay at or below the nearest cgroup that limits this process, so that a run
/// inside a run stays inside. Nothing is changed. Throws Unavailable that tells
/// why each does not apply, and UsageError for a parent that is none.
Placement choose_placement(const Parameters& asked,
                           const PlacementHost& host = {});

/// The next strategy that applies, after `failed`, which turned out not to work
/// because of `reason`. Throws as choose_placement() does.
Placement choose_after(const Placement& failed, const std::string& reason,
                       const Parameters& asked, const PlacementHost& host = {});

/// Why `search` found the memory controller on neither version.
std::string no_memory_controller(const cgroupfs::ControllerSearch& search);

}  // namespace lab
