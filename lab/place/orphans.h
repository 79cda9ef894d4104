// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "cgroupfs/directory.h"
#include "cgroupfs/hierarchy.h"

namespace lab {

/// A cgroup that a dead run left: its group, or a leaf that it has moved the
/// processes of a container to.
struct Orphan {
  std::string path;
  std::string error;  ///< why it could not be removed; empty when it is gone
  /// Why it is not known whether a run uses it: nothing was done then. Empty
  /// otherwise.
  std::string undecided;

  bool is_gone() const noexcept { return error.empty() && undecided.empty(); }
};

/// What becomes of the orphans that are found.
enum class OrphanAction { list, remove };

/// Orphaned groups directly in `parent`: named as group_name() names them,
/// their owner gone and their lock free (one that is locked is undecided: the
/// owner may be of another PID namespace). Removing kills what is still inside.
/// Groups of live runs and of anybody else are never touched.
std::vector<Orphan> handle_orphans_in(const cgroupfs::Directory& parent,
                                      cgroupfs::Version version,
                                      OrphanAction action);

/// The same for every directory at or below `top`, and leaves that no run uses:
/// their processes are moved back. What may not be read is passed over.
std::vector<Orphan> handle_orphans_below(const cgroupfs::Directory& top,
                                         cgroupfs::Version version,
                                         OrphanAction action);

/// The groups at or below `top` that --keep has left, and whose run is over.
/// One with processes in it is not removed. What may not be read is passed
/// over.
std::vector<Orphan> handle_kept_below(const cgroupfs::Directory& top,
                                      cgroupfs::Version version,
                                      OrphanAction action);

}  // namespace lab
