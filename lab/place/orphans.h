// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "cgroupfs/directory.h"
#include "cgroupfs/hierarchy.h"

namespace lab {

/// A cgroup left behind by a run that was killed: its group, or a leaf to which
/// it moved the processes of a container.
struct Orphan {
  std::string path;
  std::string error;  ///< why it could not be removed; empty when it is gone
  /// Why it is unknown whether a run uses it: then nothing was done. Empty
  /// otherwise.
  std::string undecided;

  bool is_gone() const noexcept { return error.empty() && undecided.empty(); }
};

/// What to do with the orphans that are found.
enum class OrphanAction { list, remove };

/// Orphaned groups directly in `parent`: named by group_name(), with an owner
/// that is gone and a lock that is free (a locked one is undecided: the owner
/// may be in another PID namespace). Removing one kills the processes still
/// inside. Groups of live runs and cgroups of others are never touched.
std::vector<Orphan> handle_orphans_in(const cgroupfs::Directory& parent,
                                      cgroupfs::Version version,
                                      OrphanAction action);

/// The same for every directory at or below `top`, and leaves that no run uses:
/// their processes are moved back. Unreadable directories are skipped.
std::vector<Orphan> handle_orphans_below(const cgroupfs::Directory& top,
                                         cgroupfs::Version version,
                                         OrphanAction action);

/// The groups at or below `top` kept by --keep whose run has finished. One with
/// processes in it is not removed. Unreadable directories are skipped.
std::vector<Orphan> handle_kept_below(const cgroupfs::Directory& top,
                                      cgroupfs::Version version,
                                      OrphanAction action);

}  // namespace lab
