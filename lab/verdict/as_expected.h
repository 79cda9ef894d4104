// SPDX-License-Identifier: MIT
#pragma once

#include "lab/record/record.h"

namespace lab {

/// Whether a run that has its verdict came out as it is made to: the hog was
/// OOM-killed at its limit, the claims hold, the command was not killed. In a
/// control run the hog survived, and each claim that depends on the cause fails
/// by a number that was read. A pure function.
bool is_as_expected(const RunRecord& record) noexcept;

}  // namespace lab
