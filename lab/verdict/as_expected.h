// SPDX-License-Identifier: MIT
#pragma once

#include "lab/record/record.h"

namespace lab {

/// Whether a run that has its verdict came out as it is made to: OOM-killed at
/// its own limit, all claims hold, or a command has finished. In a control run
/// the hog survived, or each claim that depends on the cause fails by a number
/// that was read. A pure function.
bool is_as_expected(const RunRecord& record) noexcept;

}  // namespace lab
