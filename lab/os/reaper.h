// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <optional>

namespace lab {

/// The process that adopts orphans among the descendants of this one: the
/// nearest ancestor that is a child subreaper (PR_SET_CHILD_SUBREAPER), else
/// the first process of the PID namespace. The kernel does not expose it, so
/// one orphan is created to find out. 0 where it is outside the PID namespace;
/// nullopt where no process could be created.
std::optional<pid_t> find_reaper() noexcept;

}  // namespace lab
