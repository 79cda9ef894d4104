// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "lab/classroom/grade.h"

/// Private to the grading: which mistake has left this evidence.
namespace lab {

/// The peak that shows that memory was really charged: half of the limit. What
/// a shell takes that moved itself in stays far below.
Bytes wanted_peak(const Assignment& assignment) noexcept;

/// Whether a process is or was in the cgroup, which is there.
bool had_process(const ExerciseEvidence& evidence) noexcept;

/// What the evidence shows of the kill that is asked for.
enum class KillFinding {
  none,          ///< no kill was counted
  other_limit,   ///< of an ancestor, or the host was out of memory
  not_logged,    ///< the kernel's log has every kill, and none in this cgroup
  too_early,     ///< before usage had come to the limit that is asked for
  other_logged,  ///< at another limit, by the log
  other_seen,    ///< at another limit, by the looks before and after it
  too_late,      ///< perhaps at a higher limit, which was lowered afterwards
  no_peak,       ///< nothing shows at which usage it was
  rewritten,     ///< undetermined: the limit was written at that moment
  or_ancestor,   ///< undetermined: the limit of an ancestor may have been hit
  or_host,       ///< undetermined: nor was the own limit seen to be hit
  or_cache,      ///< undetermined: page cache may have made the peak
  proven
};

/// Whether `check --watch` saw a kill of this cgroup while `asked` was its
/// limit, which was hit, and no limit of an ancestor was.
bool saw_kill_at(const ExerciseEvidence& evidence, Bytes asked);

/// Whether the hard limit was hit between two looks at a cgroup: by the counter
/// or, where newer v1 kernels count none, by a peak that came to it.
bool was_hit_between(const GroupEvidence& before, const GroupEvidence& now,
                     cgroupfs::Version version);

/// Whether page cache is more than a quarter of `limit`, so that it may have
/// been what came to that limit.
bool has_much_cache(const GroupEvidence& group, Bytes limit) noexcept;

/// The kills that the cgroup and its descendants have counted.
std::uint64_t counted_kills(const GroupEvidence& group) noexcept;

/// Of the logged kills that certainly are of this very cgroup: one at the limit
/// that is asked for, else the last; nullptr when there is none.
const LoggedKill* kill_to_grade(const ExerciseEvidence& evidence, Bytes asked);

/// The kill counts only when `oom_kill` of this very cgroup rose, its own limit
/// was hit, and that was the limit that is asked for, by the kernel's log.
/// Where it does not have the kill, the peak has to be at that limit or a page
/// below, and `check --watch` may have seen the limit before and after; else
/// the peak decides, unless something else may have made it.
KillFinding judge_kill(const GradingPlan& plan,
                       const ExerciseEvidence& evidence);

/// The most probable reason why `check` fails, and what to do; nullopt where
/// nothing is to be said that another check does not say.
std::optional<Hint> hint_for(CheckId check, const GradingPlan& plan,
                             const ExerciseEvidence& evidence);

/// The file that has the kills of a cgroup itself.
const char* kill_counter(cgroupfs::Version version) noexcept;

}  // namespace lab
