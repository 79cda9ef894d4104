// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lab/base/language.h"
#include "lab/record/record.h"
#include "lab/verdict/oom_kills.h"

/// What the verdicts on the hog and on a command have in common.
namespace lab {

/// Of a child that left, and of which nothing else is to be said.
Verdict left_verdict(const RunRecord& record, Language language);

/// "exited with status 3".
std::string end_of_child(const RunRecord& record, Language language);

/// "oom_kill rose from 0 to 1", or that only the log has a kill.
std::string rise_text(const RunRecord& record, Language language);

/// "sh (pid 12), malloc_demo (pid 13)", or why they are unknown.
std::string victims_text(const RunRecord& record, Language language);

/// A sentence, with a space before it, on the kills inside; empty without any.
std::string kills_text(const RunRecord& record, Language language);

/// Of a proven OOM kill of the child itself: by whose limit.
Verdict oom_verdict(const RunRecord& record, Language language);

/// Of a rise of oom_kill whose victim is the child or another.
Verdict undetermined_verdict(const RunRecord& record, Language language);

/// Of a child that ended by a signal, and not by a counted OOM kill.
Verdict signal_verdict(const RunRecord& record, Language language);

/// Of an OOM kill inside that was not the child's.
Verdict inside_verdict(const RunRecord& record, Language language);

/// Which evidence would single the victim out, and how to get it: a sentence.
std::string missing_evidence(const RunRecord& record, Language language);

/// A sentence, with a space before it, where an OOM kill inside would not be
/// known; else empty.
std::string unknown_kills_text(const RunRecord& record, Language language);

/// How often `high` of memory.events rose (v2).
std::uint64_t throttlings(const RunRecord& record);

/// Whether that was at a high limit of the run's own, not of a descendant.
bool is_throttled_by_own_limit(const RunRecord& record);

/// "tasks waited 2.5 s for memory", or why that is unknown.
std::string stall_text(const RunRecord& record, Language language);

/// What else happened in the run, and around it.
std::vector<Finding> findings(const RunRecord& record, Language language);

/// Without the owner of a limit.
Verdict plain(Status status, std::string reason);

/// "its peak was N bytes".
std::string last_usage(const RunRecord& record, Language language);

/// The verdict on a run of a command, see analyze().
Verdict analyze_command(const RunRecord& record, Language language);

}  // namespace lab
