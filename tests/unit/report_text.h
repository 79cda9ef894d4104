// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/record/record.h"
#include "lab/report/terminal.h"

namespace lab {

/// The report of `record`, judged first, 80 columns wide.
std::string raw_report(RunRecord record,
                       ColorChoice color = ColorChoice::never);

/// The report with wrapped rows joined: one space between words, one row per
/// line, so that tests do not depend on the wrapping.
std::string report(const RunRecord& record);

}  // namespace lab
