// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "lab/record/record.h"

namespace lab {

/// Of a record that was read from a file: the verdict that follows from its
/// evidence, where the saved one says something else; nullopt where they agree.
/// Compared are the status, the OOM kill and whose limit it was; of each claim
/// whether it holds, by the numbers that stand in it; and of a record of this
/// version also the reasons, the proof and the findings, whose facts other
/// versions may word differently. A claim's numbers are not compared with the
/// readings: records do not have the relations that were claimed. Paths that
/// JSON does not keep as they were cannot be compared with the kernel's log:
/// nullopt. A pure function.
std::optional<Verdict> recheck(const RunRecord& record);

}  // namespace lab
