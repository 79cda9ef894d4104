// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/cgroup.h"
#include "lab/base/language.h"
#include "lab/place/placement.h"
#include "lab/record/record.h"

/// Processes that SIGKILL does not end.
namespace lab {

/// Why process `pid` may not end by SIGKILL: what /proc, kill(2) and the v1
/// freezer say of it.
HeldProcess why_held(pid_t pid);

/// Of the first `most` processes in `group` and below, but for this one. Throws
/// cgroupfs::FileError.
std::vector<HeldProcess> held_in(const cgroupfs::Cgroup& group,
                                 std::size_t most);

/// Whether it can end only when somebody else acts.
bool waits_for_others(const HeldProcess& process);

/// v2: `group` or the nearest above it whose cgroup.freeze is 1; nullopt
/// without any. Its processes stand still, and take SIGKILL.
std::optional<std::string> frozen_cgroup(const cgroupfs::Cgroup& group,
                                         const Placement& placement);

/// Kills all processes of `group`, as Cgroup::kill(), and gives up when they
/// have not become fewer for 5 s, or after a minute; after a second where all
/// that are left are frozen or may not be signalled. These are returned. Throws
/// cgroupfs::FileError, with EBUSY where this process itself is left.
std::vector<HeldProcess> kill_all(const cgroupfs::Cgroup& group);

/// "sleep (pid 4242)".
std::string name_of(const HeldProcess& process);

/// A clause: why it has not ended, and what to do.
std::string held_text(const HeldProcess& process, Language language);
/// Of all, in English.
std::string held_text(const std::vector<HeldProcess>& processes);

}  // namespace lab
