// SPDX-License-Identifier: MIT
#pragma once

#include "lab/record.h"
#include "lab/report/layout.h"

namespace lab {

/// Adds what happened and when, in milliseconds since the gate opened.
void add_timeline(const RunRecord& record, Layout& layout);

}  // namespace lab
