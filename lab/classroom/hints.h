// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "lab/classroom/grade.h"

/// Private to the grading: which mistake has left this evidence.
namespace lab {

/// The peak that shows that memory was really charged: half of the limit. What
/// a shell takes that moved itself in stays far below.
Bytes wanted_peak(const Assignment& assignment) noexcept;

/// Whether a process is or was in the cgroup.
bool had_process(const GroupEvidence& group) noexcept;

/// Whether the cgroup's own limit was hit, by the counter. Newer v1 kernels do
/// not count failures at the limit of memory plus swap: where that one is set,
/// a peak at the limit tells.
bool own_limit_was_hit(const GroupEvidence& group,
                       cgroupfs::Version version) noexcept;

/// What the evidence shows of the kill that is asked for.
enum class KillFinding {
  none,          ///< no kill was counted
  other_limit,   ///< of an ancestor, or the host was out of memory
  not_logged,    ///< the kernel's log has every kill, and none in this cgroup
  too_early,     ///< before usage had come to the limit that is asked for
  other_logged,  ///< at another limit, by the log
  too_late,      ///< perhaps at a higher limit, which was lowered afterwards
  no_peak,       ///< nothing shows at which usage it was
  proven
};

/// Of the logged kills that may be of this very cgroup: one at the limit that
/// is asked for, else the last; nullptr when there is none.
const LoggedKill* kill_to_grade(const ExerciseEvidence& evidence, Bytes asked);

/// The kill counts only when `oom_kill` of this very cgroup rose, its own limit
/// was hit, and that was the limit that is asked for: by the peak, which has to
/// be at that limit or a page below, and by the kernel's log where it is
/// readable.
KillFinding judge_kill(const GradingPlan& plan,
                       const ExerciseEvidence& evidence);

/// The most probable reason why `check` fails, and what to do; nullopt where
/// nothing is to be said that another check does not say.
std::optional<Hint> hint_for(CheckId check, const GradingPlan& plan,
                             const ExerciseEvidence& evidence);

/// The file that has the kills of a cgroup itself.
const char* kill_counter(cgroupfs::Version version) noexcept;

}  // namespace lab
