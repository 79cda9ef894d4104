// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/base/language.h"
#include "lab/record/record.h"
#include "lab/report/layout.h"

/// Parts of reports for people that more than one report has.
namespace lab {

/// The status in capitals, in the colour of good or bad news; of a control run
/// by claims, whether it came out as expected.
std::string headline(const RunRecord& record, const Terminal& terminal,
                     Language language);

/// A row for each limit, as the kernel has it.
void add_limits(const RunRecord& record, Layout& layout);

/// The highest usage and who says so, and what it consisted of.
void add_peak(const RunRecord& record, Layout& layout);

/// An item for each finding.
void add_findings(const RunRecord& record, Language language, Layout& layout);

/// What is left, and the command that removes it.
void add_left_behind(const RunRecord& record, Layout& layout);

}  // namespace lab
