// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"

namespace lab {

/// A directory of the right name in a place that makes it no memory cgroup.
struct Misplaced {
  enum class Where {
    other_hierarchy,  ///< a cgroup of a hierarchy without memory
    plain_directory,  ///< no cgroup at all
  };
  Where where = Where::plain_directory;
  std::string path;
};

/// The directory of the cgroup `group` in the memory hierarchy: its path, of
/// the host or from the mount point on, or its name alone, wherever it was
/// made. On a shared machine every student has one of that name: by the name
/// only this user's own is found, behind sudo(8) that of the user who called it
/// or else root's; another user's, also by root, by its path only. Of several
/// the one nearest to this process' own cgroup is taken: that itself, or the
/// child of its nearest ancestor. nullopt when there is none. Throws UsageError
/// when several are left, naming them, and cgroupfs::FileError where the
/// hierarchy cannot be searched.
std::optional<std::string> find_group(const std::string& group,
                                      const cgroupfs::Hierarchy& hierarchy);

/// All cgroups below the directory `top`, each after its parent, without those
/// of the lab's own runs: nothing in there was done by hand. One that is gone
/// meanwhile, or may not be read, has none. Throws cgroupfs::FileError.
std::vector<std::string> cgroups_below(const std::string& top);

/// find_group() without the search of the whole hierarchy, for asking often:
/// only right below the mount point and in this process' own cgroup.
std::optional<std::string> find_group_nearby(
    const std::string& group, const cgroupfs::Hierarchy& hierarchy);

/// Where a directory of that name else was made: in another hierarchy, beside
/// the hierarchies, in the working directory or at home. Another user's is left
/// out as by find_group(): it is not this student's mistake.
std::optional<Misplaced> find_misplaced(const std::string& group,
                                        const cgroupfs::Hierarchy& hierarchy);

}  // namespace lab
