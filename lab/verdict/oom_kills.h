// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>

#include "lab/record/record.h"

/// Who was OOM-killed in a run, and how surely. Pure functions of the record.
namespace lab {

/// How much a counter rose; 0 where it is unknown.
std::uint64_t rise(const std::optional<std::uint64_t>& before,
                   const std::optional<std::uint64_t>& after);

/// Whether the OOM killer killed a process.
enum class Proof { proven, ruled_out, undetermined };

/// Whether it killed the main process. The sources, in their order:
/// - a process that was not reaped with SIGKILL was not killed;
/// - the kernel's log names it, or one of its threads: proven. A log that lost
///   nothing names others only, which did not share its memory: ruled out;
/// - no kill was counted before its end that it had not outlived: ruled out;
/// - its whole group was killed at once (memory.oom.group): proven;
/// - there were more kills than the other processes account for: proven.
/// All else is undetermined. Which other processes there were is known by
/// readings: of a child that is reaped by the kernel itself (SA_NOCLDWAIT), or
/// of one that came from elsewhere, between two of them nothing is known.
Proof oom_kill_of_main(const RunRecord& record);

/// The same for any process that the run started, in a run that makes claims:
/// by the kernel's log, else by the counts at the ends of all of them.
Proof oom_kill_of(const RunRecord& record, const ProcessRecord& process);

/// Whether the log has every victim: it lost nothing, and "Killed process" is
/// never rate-limited.
bool log_names_all(const RunRecord& record);

/// How many kills were counted inside, or are in the kernel's log where that
/// names more: the counter of a v1 cgroup goes with its directory.
std::uint64_t kills_inside(const RunRecord& record);

/// Whether a kill inside would be known: on v1 the counter of a cgroup that was
/// made inside may be gone.
bool counts_every_kill(const RunRecord& record);

/// The log's victim that is the main process; nullptr when there is none.
const Victim* main_victim(const RunRecord& record);

/// A process other than the main one was inside, or may have been.
bool others_were_inside(const RunRecord& record);

/// The main process was seen in a cgroup outside of the run's.
bool has_left(const RunRecord& record);

/// The kernel's log has its OOM kill in a cgroup outside of the run's.
bool was_killed_elsewhere(const RunRecord& record);

}  // namespace lab
