// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/language/language.h"
#include "lab/record.h"

/// What the verdicts on the hog and on a command have in common.
namespace lab {

/// How much a counter rose; 0 where it is unknown.
std::uint64_t rise(const std::optional<std::uint64_t>& before,
                   const std::optional<std::uint64_t>& after);

/// The child was reaped with SIGKILL and an OOM kill was counted, or logged
/// where no counter is.
bool is_proven_oom_kill(const RunRecord& record);

/// Of a proven OOM kill of the child itself: by whose limit.
Verdict oom_verdict(const RunRecord& record, Language language);

/// Of a child that ended by a signal which no OOM killer sent.
Verdict signal_verdict(const RunRecord& record, Language language);

/// Without the owner of a limit.
Verdict plain(Status status, std::string reason);

/// "its peak was N bytes".
std::string last_usage(const RunRecord& record, Language language);

/// The verdict on a run of a command, see analyze().
Verdict analyze_command(const RunRecord& record, Language language);

}  // namespace lab
