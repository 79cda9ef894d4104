// SPDX-License-Identifier: MIT
#pragma once

#include "lab/base/language.h"
#include "lab/record/record.h"
#include "lab/report/document.h"

namespace lab {

/// The usage of the run's cgroups over time, with their limit and the events.
/// nullopt without samples.
std::optional<Chart> usage_chart(const RunRecord& record, Language language);

}  // namespace lab
