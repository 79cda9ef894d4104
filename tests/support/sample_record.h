// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/record/record.h"

namespace test_support {

/// The limit in the records below: 25625 pages, the course's number.
inline constexpr cgroupfs::Bytes sample_limit{104960000};
/// The name of the process in the records below, the hog. Its cgroup is named
/// "memorydemo".
inline constexpr pid_t sample_pid = 4242;

/// A run on cgroup v1 without swap whose child was OOM-killed at its own limit:
/// oom_kill 0 -> 1, failcnt 0 -> 61, and the kernel's log record of the victim.
/// Has no verdict.
lab::RunRecord killed_on_v1();

/// The same on cgroup v2: oom 0 -> 1 in memory.events.local.
lab::RunRecord killed_on_v2();

/// killed_on_v2() in the course's order, with one block allocated outside. Its
/// last reading is the one before the limit was set.
lab::RunRecord killed_in_course();

/// A run on cgroup v2 whose child allocated everything, half of its limit, and
/// exited with 0: no counter rose.
lab::RunRecord survived_on_v2();

/// `record` as if `cglab run` had run `command` instead of the hog. Its cgroup,
/// "run", has the limits of `record`.
lab::RunRecord as_command(lab::RunRecord record,
                          const std::vector<std::string>& command);

/// Another process was inside, and how it ended is unknown.
lab::Member& add_other(lab::RunRecord& record);

/// Removes the evidence of the kernel log.
void forget_log(lab::RunRecord& record);

/// Removes the rise of oom_kill.
void forget_count(lab::RunRecord& record);

}  // namespace test_support
