// SPDX-License-Identifier: MIT
#pragma once

#include "lab/command/command_line.h"
#include "lab/record/plan.h"

namespace lab {

/// What `line` has of the options that runs share (--limit, --swap, --cgroup,
/// --parent, --poll, --timeout, ...); the others stay as they are by default.
/// Throws UsageError.
Parameters read_parameters(const CommandLine& line);

}  // namespace lab
