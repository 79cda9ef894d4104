// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "lab/classroom/grade.h"

/// Private to the grading: the mistake that explains the evidence.
namespace lab {

/// The peak that shows that the program was charged: half of the limit. A shell
/// that moved itself in stays far below.
Bytes wanted_peak(const Assignment& assignment) noexcept;

/// Whether a process is or was in the cgroup. The cgroup must exist.
bool had_process(const ExerciseEvidence& evidence) noexcept;

/// What the evidence shows about the expected kill.
enum class KillFinding {
  none,          ///< no kill was counted
  other_limit,   ///< an ancestor's, or the host was out of memory
  not_logged,    ///< the kernel's log has every kill, and none in this cgroup
  too_early,     ///< before usage reached the expected limit
  other_logged,  ///< at another limit, by the log
  other_seen,    ///< at another limit, as seen before and after it
  too_late,      ///< perhaps at a higher limit, which was lowered afterwards
  no_peak,       ///< nothing shows the usage at the kill
  rewritten,     ///< undetermined: the limit was written at that moment
  or_ancestor,   ///< undetermined: the limit of an ancestor may have been hit
  or_host,       ///< undetermined: its own limit was not seen to be hit
  or_cache,      ///< undetermined: page cache may have made the peak
  proven
};

/// Whether `check --watch` saw a kill of this cgroup while `asked` was its
/// limit, which was hit, and no limit of an ancestor was.
bool saw_kill_at(const ExerciseEvidence& evidence, Bytes asked);

/// Whether the hard limit was hit between two looks at a cgroup: by the counter
/// or, where newer v1 kernels do not count it, by a peak that reached it.
bool was_hit_between(const GroupEvidence& before, const GroupEvidence& now,
                     cgroupfs::Version version);

/// Whether page cache is more than a quarter of `limit`, so that it may have
/// caused the limit hit.
bool has_much_cache(const GroupEvidence& group, Bytes limit) noexcept;

/// The kills that the cgroup and its descendants have counted.
std::uint64_t counted_kills(const GroupEvidence& group) noexcept;

/// Of the logged kills that are certainly in this cgroup: one at the expected
/// limit, otherwise the last; nullptr if there is none.
const LoggedKill* kill_to_grade(const ExerciseEvidence& evidence, Bytes asked);

/// The kill counts only if `oom_kill` of the cgroup itself rose, its own limit
/// was hit, and that was the expected limit, according to the kernel log. If
/// the log does not have the kill, the peak has to be at that limit or a page
/// below, and `check --watch` may have seen the limit before and after it;
/// otherwise the peak decides, unless it may have another cause.
KillFinding judge_kill(const GradingPlan& plan,
                       const ExerciseEvidence& evidence);

/// The most probable reason why `check` fails, and the fix; nullopt if the hint
/// of another check covers it.
std::optional<Hint> hint_for(CheckId check, const GradingPlan& plan,
                             const ExerciseEvidence& evidence);

/// The file with the kill counter of a cgroup itself.
const char* kill_counter(cgroupfs::Version version) noexcept;

}  // namespace lab
