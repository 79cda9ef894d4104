// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "lab/base/errors.h"
#include "lab/place/placement.h"
#include "lab/record/experiment.h"

namespace lab {

/// The share of the available memory (MemAvailable) that a run may use: with
/// more the whole host might run out of memory.
inline constexpr unsigned safe_share_percent = 50;

/// The limit of the guard of `plan`: the most that is held there, plus what
/// processes need in addition to the memory that they allocate on purpose.
Bytes guard_of(const Plan& plan);

/// The most memory (not swap) that a run can hold at any time; nullopt for a
/// command.
std::optional<Bytes> largest_claim(const Plan& plan);

/// Why this host's setting of vm.panic_on_oom forbids any OOM kill; nullopt
/// when it does not.
std::optional<Unavailable> forbidden_by_panic_on_oom();

/// Why `plan` needs too much of the available memory.
std::optional<Unavailable> forbidden_by_free_memory(
    const Plan& plan, const Environment& environment);

/// Why a resource limit of this process (getrlimit(2)), which its children
/// inherit, prevents a hog of `plan` from allocating its memory.
std::optional<Unavailable> forbidden_by_resource_limit(const Plan& plan);

/// The same for vm.overcommit_memory
/// (Documentation/mm/overcommit-accounting.rst), from the text of
/// /proc/meminfo.
std::optional<Unavailable> forbidden_by_overcommit(const Plan& plan,
                                                   std::string_view mode,
                                                   std::string_view meminfo);

/// Why swap, which a v1 kernel may not account to cgroups, would prevent the
/// kill.
std::optional<Unavailable> forbidden_by_swap_accounting(
    const Plan& plan, const Placement& placement,
    const Environment& environment);

/// Why this process cannot open `needed` more files (RLIMIT_NOFILE).
std::optional<Unavailable> forbidden_by_open_files(std::size_t needed);
/// The files that the smallest run opens, with those kept free for its end.
inline constexpr std::size_t least_files_of_run = 40;
/// The same for the files that `plan` needs at `placement`.
std::optional<Unavailable> forbidden_by_open_files(const Plan& plan,
                                                   const Placement& placement);

/// Checks that `plan` can run on this host without harm to it, and that the
/// host has each of `requirements`. Changes nothing. Throws Unavailable with
/// the fix and the VM options that help.
void check_requirements(const Plan& plan,
                        const std::vector<HostFeature>& requirements,
                        const Placement& placement,
                        const Environment& environment);

}  // namespace lab
