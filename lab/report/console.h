// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/record.h"
#include "lab/report/terminal.h"

namespace lab {

/// The report for people: verdict, proof, memory, timeline, what was left. Made
/// of the record alone.
std::string console_report(const RunRecord& record, const Terminal& terminal);

/// The same for a command, in a few lines. Made of the record alone.
std::string command_report(const RunRecord& record, const Terminal& terminal);

/// Says on stderr what is left behind, in any case and first: nothing may hide
/// it.
void warn_of_left_behind(const RunRecord& record);

/// The section on the course's own order: what one would expect at each step
/// and what this kernel did. Empty for other orders.
std::string course_report(const RunRecord& record, const Terminal& terminal);

}  // namespace lab
