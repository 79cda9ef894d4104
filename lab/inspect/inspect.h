// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/inspect/inspection.h"

namespace lab {

/// Reads what limits the process, container or cgroup that `argument` denotes,
/// and what happened to it. Changes nothing. Throws UsageError and Unavailable
/// as find_subject(), and RunError when the process ended before anything could
/// be read.
Inspection inspect(const std::string& argument);

// Conclusions: pure functions.

/// From the cgroups, of which the first that has a name counts, and the
/// namespaces; empty: they could not be read.
ContainerFinding find_container(const std::vector<CgroupPlace>& cgroups,
                                const std::vector<NamespaceState>& namespaces);

/// All memory limits of the chain, nearest first.
std::vector<LimitReading> limits_in(const MemoryState& memory);

/// The level with the least headroom; nullptr where none has a limit.
const PidsLevel* binding_pids(const std::vector<PidsLevel>& levels);
/// The level with the fewest CPUs; nullptr where none has a limit.
const CpuLevel* binding_cpu(const std::vector<CpuLevel>& levels);
/// How many CPUs the limit of `level`, which has one, amounts to.
double cpus_of(const CpuLevel& level);

/// 0 when more are in use than the limit allows.
std::uint64_t headroom_of(const PidsLevel& level);

}  // namespace lab
