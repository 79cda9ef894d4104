// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>

#include "lab/record/record.h"
#include "lab/run/run_cgroups.h"

namespace lab {

/// Shared memory (files of tmpfs, segments of System V) that is charged to
/// `group`, and the files in this process' mounts that may hold it: those of
/// tmpfs changed since `began`. As root it is known whose pages are charged
/// there (/proc/kpagecgroup, Documentation/admin-guide/mm/pagemap.rst), and the
/// others are left out. Segments may where a process of `ledger` has made or
/// used them last. nullopt where there is none, where so little may be a
/// statistic that lags, and as long as a process is in `group`. Searches for
/// half a second at most. Throws cgroupfs::FileError and cgroupfs::ParseError.
std::optional<SharedMemoryLeft> read_shared_memory_left(
    const RunCgroup& group, std::chrono::system_clock::time_point began,
    const Ledger& ledger);

}  // namespace lab
