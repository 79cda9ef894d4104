// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"

namespace lab {

/// A directory of the right name that is not a memory cgroup.
struct Misplaced {
  enum class Where {
    other_hierarchy,  ///< a cgroup of a hierarchy without memory
    plain_directory,  ///< not a cgroup
  };
  Where where = Where::plain_directory;
  std::string path;
};

/// Whether a directory of this name belongs to a run of the lab: what is in it
/// was not made by hand.
bool is_of_a_run(const std::string& name);

/// The directory of the cgroup `group` in the memory hierarchy. `group` is its
/// full path, its path below the mount point, or its name, wherever the cgroup
/// is. On a shared machine every student has one of that name: a name finds
/// only this user's own, under sudo(8) that of the calling user, otherwise
/// root's; another user's is found only by its path, also by root. Of several,
/// the one nearest to this process' own cgroup is chosen: that cgroup itself,
/// or the child of its nearest ancestor. nullopt if there is none. Throws
/// UsageError if several remain, naming them, and cgroupfs::FileError if the
/// hierarchy cannot be searched.
std::optional<std::string> find_group(const std::string& group,
                                      const cgroupfs::Hierarchy& hierarchy);

/// All cgroups below the directory `top`, each after its parent, except those
/// of the lab's own runs, which were not made by hand. One that was removed
/// meanwhile, or is not readable, has none. Throws cgroupfs::FileError.
std::vector<std::string> cgroups_below(const std::string& top);

/// find_group() without a search of the whole hierarchy, for frequent calls:
/// only directly below the mount point and in this process' own cgroup.
std::optional<std::string> find_group_nearby(
    const std::string& group, const cgroupfs::Hierarchy& hierarchy);

/// A directory of that name made elsewhere: in another hierarchy, next to the
/// hierarchies, in the working directory or at home. As in find_group(),
/// another user's does not count: it is not this student's mistake.
std::optional<Misplaced> find_misplaced(const std::string& group,
                                        const cgroupfs::Hierarchy& hierarchy);

}  // namespace lab
