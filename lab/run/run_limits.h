// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

#include "cgroupfs/memory.h"
#include "lab/record/record.h"

namespace lab {

/// Is told of each limit that was set or refused: the kind and the file.
using NoteLimit = std::function<void(EventKind, const std::string&)>;

/// Writes the limits of `record.plan` to `memory`, in the order that its
/// version needs, reads them back and notes them in `record.limits`. False when
/// the kernel refused the hard limit, which a course's run lives with. Throws
/// RunError for what else is not in force.
bool set_limits(const cgroupfs::Memory& memory, RunRecord& record,
                const NoteLimit& note);

/// Why the last of `record.limits` is not in force.
std::string refusal_text(const RunRecord& record);

}  // namespace lab
