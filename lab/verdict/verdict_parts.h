// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lab/record/record.h"
#include "lab/verdict/oom_kills.h"

/// What the verdicts on the hog and on a command have in common.
namespace lab {

/// Of a child that left, and of which nothing else is to be said.
Verdict left_verdict(const RunRecord& record);

/// "exited with status 3".
Fact end_of_child(const RunRecord& record);

/// "oom_kill rose from 0 to 1", or that only the log has a kill.
Fact rise_fact(const RunRecord& record);

/// "sh (pid 12), malloc_demo (pid 13)", or why they are unknown.
Fact victims_fact(const RunRecord& record);

/// On the kills inside; nullopt without any.
std::optional<Fact> kills_fact(const RunRecord& record);

/// Of a proven OOM kill of the child itself: by whose limit.
Verdict oom_verdict(const RunRecord& record);

/// Of a rise of oom_kill whose victim is the child or another.
Verdict undetermined_verdict(const RunRecord& record);

/// Of a child that ended by a signal, and not by a counted OOM kill.
Verdict signal_verdict(const RunRecord& record);

/// Of an OOM kill inside that was not the child's.
Verdict inside_verdict(const RunRecord& record);

/// Which evidence would single the victim out, and how to get it.
Fact missing_evidence(const RunRecord& record);

/// Where an OOM kill inside would not be known; else nullopt.
std::optional<Fact> unknown_kills_fact(const RunRecord& record);

/// How often `high` of memory.events rose (v2).
std::uint64_t throttlings(const RunRecord& record);

/// Whether that was at a high limit of the run's own, not of a descendant.
bool is_throttled_by_own_limit(const RunRecord& record);

/// "tasks waited 2.5 s for memory", or why that is unknown.
Fact stall_fact(const RunRecord& record);

/// What else happened in the run, and around it.
std::vector<Finding> findings(const RunRecord& record);

/// Without the owner of a limit.
Verdict plain(Status status, Fact reason,
              std::optional<Fact> more = std::nullopt);

/// "its peak was N bytes".
Fact last_usage(const RunRecord& record);

/// The verdict on a run of a command, see analyze().
Verdict analyze_command(const RunRecord& record);

}  // namespace lab
