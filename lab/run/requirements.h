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

/// What part of the free memory (MemAvailable) a run may claim: more would put
/// the whole host in danger of running out.
inline constexpr unsigned safe_share_percent = 50;

/// The limit of the guard of `plan`: what is held there at most, and what
/// processes need besides the memory that they take on purpose.
Bytes guard_of(const Plan& plan);

/// Most memory (not swap) that a run can hold at any time; nullopt for a
/// command.
std::optional<Bytes> largest_claim(const Plan& plan);

/// Why this host's setting of vm.panic_on_oom forbids any OOM kill; nullopt
/// when it does not.
std::optional<Unavailable> forbidden_by_panic_on_oom();

/// Why `plan` may not claim what it wants of the free memory.
std::optional<Unavailable> forbidden_by_free_memory(
    const Plan& plan, const Environment& environment);

/// Why a resource limit of this process (getrlimit(2)), which its children
/// inherit, keeps a hog of `plan` from allocating what it has to.
std::optional<Unavailable> forbidden_by_resource_limit(const Plan& plan);

/// The same of vm.overcommit_memory
/// (Documentation/mm/overcommit-accounting.rst), by the text of /proc/meminfo.
std::optional<Unavailable> forbidden_by_overcommit(const Plan& plan,
                                                   std::string_view mode,
                                                   std::string_view meminfo);

/// Why swap, which a v1 kernel may not account to cgroups, would keep the kill
/// from coming.
std::optional<Unavailable> forbidden_by_swap_accounting(
    const Plan& plan, const Placement& placement,
    const Environment& environment);

/// Why this process cannot open so many more files (RLIMIT_NOFILE).
std::optional<Unavailable> forbidden_by_open_files(std::size_t needed);
/// What the smallest run opens, and keeps free for its end.
inline constexpr std::size_t least_files_of_run = 40;
/// As many as `plan` needs at `placement`.
std::optional<Unavailable> forbidden_by_open_files(const Plan& plan,
                                                   const Placement& placement);

/// Checks that `plan` can run on this host without harm to it, and that the
/// host has each of `requirements`. Changes nothing. Throws Unavailable with
/// the fix and the machine that has it.
void check_requirements(const Plan& plan,
                        const std::vector<HostFeature>& requirements,
                        const Placement& placement,
                        const Environment& environment);

}  // namespace lab
