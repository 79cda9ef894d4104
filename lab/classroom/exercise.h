// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "lab/base/language.h"
#include "lab/classroom/assignment.h"
#include "lab/place/placement.h"
#include "lab/report/document.h"

namespace lab {

/// Where the exercise is done.
struct ExerciseHost {
  Placement placement;  ///< in the throw-away kernel: its root
  bool in_vm = false;   ///< this host has no place; everything is done in there
  std::string why_vm;   ///< what is missing here, one clause
  std::string hog;      ///< path of malloc_demo, or a word that finds it
  bool has_swap_limit = false;
};

/// What this host has for the exercise, on `version` (nullopt: whichever there
/// is); where it has no place, the throw-away kernel of scripts/vm.
ExerciseHost find_exercise_host(std::optional<cgroupfs::Version> version);

/// What is to be done. Passive data.
struct ExercisePlan {
  Assignment assignment;
  nanoseconds interval = std::chrono::minutes(1);  ///< between two blocks
  Language language = Language::en;
};

/// The course's exercise in steps for `host`: what to type, what to predict
/// before, what to observe, and why the course's own recipe does nothing in
/// places. The commands are POSIX sh and work when they are pasted in their
/// order.
Document exercise_document(const ExercisePlan& plan, const ExerciseHost& host);

}  // namespace lab
