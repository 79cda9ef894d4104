// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>

#include "cgroupfs/cgroup.h"
#include "lab/record/record.h"

namespace lab {

/// Shared memory (files of tmpfs, segments of System V) that is charged to
/// `group`, in which no process is left, and the files in this process' mounts
/// that may hold it: those of tmpfs written since `began`. As root it is known
/// whose pages are charged there (/proc/kpagecgroup,
/// Documentation/admin-guide/mm/pagemap.rst). Segments count where a process of
/// `ledger` has made or used them last. nullopt where there is none. Throws
/// cgroupfs::FileError.
std::optional<SharedMemoryLeft> read_shared_memory_left(
    const cgroupfs::Cgroup& group, std::chrono::system_clock::time_point began,
    const Ledger& ledger);

}  // namespace lab
