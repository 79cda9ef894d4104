// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "lab/record/record.h"
#include "lab/report/layout.h"

namespace lab {

/// What an event of `kind` is called in a report.
std::string_view event_name(EventKind kind) noexcept;

/// To whom it happened, where a run has several, and who said so.
std::string event_source(const Event& event);

/// Adds what happened and when, in milliseconds since the gate opened; what was
/// made ready before has negative times.
void add_timeline(const RunRecord& record, Layout& layout);

}  // namespace lab
