// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/base/language.h"
#include "lab/record/record.h"

/// What the verdicts on the hog and on a command have in common.
namespace lab {

/// How much a counter rose; 0 where it is unknown.
std::uint64_t rise(const std::optional<std::uint64_t>& before,
                   const std::optional<std::uint64_t>& after);

/// The kernel log names the child as a victim. Its pids are those of the
/// initial PID namespace.
bool log_names_child(const RunRecord& record);

/// Whether the OOM killer killed the child itself.
enum class OomKill { proven, ruled_out, undetermined };

OomKill oom_kill_of_child(const RunRecord& record);

/// How many kills were counted inside, or are in the kernel's log where that
/// names more: the counter of a v1 cgroup goes with its directory.
std::uint64_t kills_inside(const RunRecord& record);

/// The child was seen in a cgroup outside of the run's.
bool has_left(const RunRecord& record);

/// The kernel's log has the child's OOM kill in a cgroup outside of the run's.
bool was_killed_elsewhere(const RunRecord& record);

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

/// Without the owner of a limit.
Verdict plain(Status status, std::string reason);

/// "its peak was N bytes".
std::string last_usage(const RunRecord& record, Language language);

/// The verdict on a run of a command, see analyze().
Verdict analyze_command(const RunRecord& record, Language language);

}  // namespace lab
