// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "lab/base/language.h"
#include "lab/record/record.h"
#include "lab/report/document.h"

namespace lab {

/// What was read in the course's own order, between its steps.
struct CourseReadings {
  Bytes touched_outside;     ///< by the hog, before it was moved
  Bytes usage_after_move;    ///< charged to its new cgroup right after
  Bytes outside_after_move;  ///< still charged to the cgroup it left
  std::optional<Bytes> usage_before_limit;
  std::optional<Bytes> limit_before;  ///< nullopt: none
};

/// nullopt for other orders, and when the run did not reach the move.
std::optional<CourseReadings> course_of(const RunRecord& record);

/// The section on the course's own order: what one would expect at each step
/// and what this kernel did. Nothing for other orders.
void add_course(const RunRecord& record, Language language, Document& document);

}  // namespace lab
