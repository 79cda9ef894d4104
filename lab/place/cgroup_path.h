// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/directory.h"
#include "cgroupfs/hierarchy.h"

namespace lab {

/// The directory that a user means by `asked`: a directory of the host, or a
/// path below the hierarchy's mount point, as in /proc/PID/cgroup. Links and
/// dots are resolved, so that the ancestors can be derived from it. nullopt
/// when there is no such directory in the hierarchy. Throws cgroupfs::FileError
/// where it is not accessible.
std::optional<std::string> find_cgroup_directory(
    const std::string& asked, const cgroupfs::Hierarchy& hierarchy);

/// Whether the file system at `path` is one of cgroup `version`.
bool is_cgroup_file_system(const std::string& path,
                           cgroupfs::Version version) noexcept;

/// Whether `directory` is the real root of a hierarchy, not that of a cgroup
/// namespace: by a file that is only there (v1), or everywhere else. Throws
/// cgroupfs::FileError.
bool is_root(const cgroupfs::Directory& directory, cgroupfs::Version version);

/// Whether `path` is `top` or below it. Both must have the same form.
bool is_within(const std::string& path, const std::string& top);

/// `path` and every directory above it up to `top`, nearest first.
std::vector<std::string> upwards(std::string path, const std::string& top);

}  // namespace lab
