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

/// Why SIGKILL may not end process `pid`, according to /proc, kill(2) and the
/// v1 freezer.
HeldProcess why_held(pid_t pid);

/// The same for the first `most` processes in `group` and its descendants,
/// except this one. Throws cgroupfs::FileError.
std::vector<HeldProcess> held_in(const cgroupfs::Cgroup& group,
                                 std::size_t most);

/// Whether it can end only after another program or user acts.
bool waits_for_others(const HeldProcess& process);

/// v2: `group` or its nearest ancestor whose cgroup.freeze is 1; nullopt if
/// there is none. Its processes are stopped, but SIGKILL still ends them.
std::optional<std::string> frozen_cgroup(const cgroupfs::Cgroup& group,
                                         const Placement& placement);

/// Kills all processes of `group`, like Cgroup::kill(), and gives up when their
/// number has not fallen for 5 s, or after a minute; after a second where all
/// remaining ones are frozen or may not be signalled. Returns the remaining
/// ones. Throws cgroupfs::FileError, with EBUSY where this process itself
/// remains.
std::vector<HeldProcess> kill_all(const cgroupfs::Cgroup& group);

/// "sleep (pid 4242)".
std::string name_of(const HeldProcess& process);

/// A clause: why it has not ended, and what to do.
std::string held_text(const HeldProcess& process, Language language);
/// For all of them, in English.
std::string held_text(const std::vector<HeldProcess>& processes);

}  // namespace lab
