// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "cgroupfs/cgroup.h"
#include "lab/base/language.h"
#include "lab/record/record.h"

/// Processes that SIGKILL does not end.
namespace lab {

/// Why process `pid` may not end by SIGKILL: what /proc, kill(2) and the v1
/// freezer say of it.
HeldProcess why_held(pid_t pid);

/// Of each process in `group` and below. Throws cgroupfs::FileError.
std::vector<HeldProcess> held_in(const cgroupfs::Cgroup& group);

/// Whether it can end only when somebody else acts.
bool waits_for_others(const HeldProcess& process);

/// Kills all processes of `group`, as Cgroup::kill(), and gives up after 5 s;
/// after one where all that are left are frozen or may not be signalled. These
/// are returned. Throws cgroupfs::FileError.
std::vector<HeldProcess> kill_all(const cgroupfs::Cgroup& group);

/// "sleep (pid 4242)".
std::string name_of(const HeldProcess& process);

/// A clause: why it has not ended, and what to do.
std::string held_text(const HeldProcess& process, Language language);
/// Of all, in English.
std::string held_text(const std::vector<HeldProcess>& processes);

}  // namespace lab
