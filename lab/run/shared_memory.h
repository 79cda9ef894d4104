// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>

#include "lab/record/record.h"
#include "lab/run/run_cgroups.h"

namespace lab {

/// Shared memory (files of tmpfs, segments of System V) that is charged to
/// `group`, and the files in this process' mounts that may hold it: files of
/// tmpfs changed since `began`. As root it is known whose pages are charged
/// there (/proc/kpagecgroup, Documentation/admin-guide/mm/pagemap.rst), and the
/// others are excluded. A segment may hold it if a process of `ledger` created
/// it or used it last. nullopt where there is none, where the amount is so
/// small that it may be a lagging statistic, and while a process is in `group`.
/// Searches for at most half a second. Throws cgroupfs::FileError and
/// cgroupfs::ParseError.
std::optional<SharedMemoryLeft> read_shared_memory_left(
    const RunCgroup& group, std::chrono::system_clock::time_point began,
    const Ledger& ledger);

}  // namespace lab
