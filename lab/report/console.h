// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/base/language.h"
#include "lab/record/record.h"
#include "lab/report/terminal.h"

namespace lab {

/// The reason of the verdict: the record's own, which is English, or said again
/// in `language`.
std::string reason_in(Language language, const RunRecord& record);

/// The same of its findings.
std::vector<Finding> findings_in(Language language, const RunRecord& record);

/// The report for people: verdict, proof, memory, timeline, what was left. Made
/// of the record alone. The verdict is told in `language`.
std::string console_report(const RunRecord& record, const Terminal& terminal,
                           Language language = Language::en);

/// The same for a command, in a few lines. Made of the record alone.
std::string command_report(const RunRecord& record, const Terminal& terminal,
                           Language language = Language::en);

/// The same for an experiment that makes claims: they, and what was seen.
std::string claims_report(const RunRecord& record, const Terminal& terminal,
                          Language language = Language::en);

/// That of the three which fits the record.
std::string text_report(const RunRecord& record, const Terminal& terminal,
                        Language language);

/// Says on stderr what is left behind, in any case and first: nothing may hide
/// it.
void warn_of_left_behind(const RunRecord& record);

/// What was read in the course's own order, between its steps.
struct CourseReadings {
  Bytes touched_outside;     ///< by the hog, before it was moved
  Bytes usage_after_move;    ///< charged to its new cgroup right after
  Bytes outside_after_move;  ///< still charged to the cgroup it left
  std::optional<Bytes> usage_before_limit;
  std::optional<Bytes> limit_before;  ///< nullopt: none
};

/// nullopt for other orders, and when the run did not come to the move.
std::optional<CourseReadings> course_of(const RunRecord& record);

/// The section on the course's own order: what one would expect at each step
/// and what this kernel did. Empty for other orders.
std::string course_report(const RunRecord& record, const Terminal& terminal);

}  // namespace lab
