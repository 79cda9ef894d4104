// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <optional>

namespace lab {

/// The process that adopts orphans among the descendants of this one: the
/// nearest ancestor that asked for it (PR_SET_CHILD_SUBREAPER), else the first
/// process of the PID namespace. The kernel shows it nowhere, so one orphan is
/// made to find out. 0 where it is outside of the PID namespace; nullopt where
/// no process could be created.
std::optional<pid_t> find_reaper() noexcept;

}  // namespace lab
