// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "lab/base/language.h"
#include "lab/classroom/assignment.h"
#include "lab/place/placement.h"
#include "lab/report/document.h"

namespace lab {

/// The host of the exercise.
struct ExerciseHost {
  Placement placement;  ///< in the VM: its root
  bool in_vm = false;   ///< this host has no usable parent cgroup
  std::string why_vm;   ///< what is missing here, one clause
  std::string hog;      ///< path of malloc_demo, or a shell word that finds it
  bool has_swap_limit = false;
};

/// This host, with the memory controller on `version` (nullopt: any); if it has
/// no usable parent cgroup, the disposable VM of scripts/vm.
ExerciseHost find_exercise_host(std::optional<cgroupfs::Version> version);

/// The assignment and its form. Passive data.
struct ExercisePlan {
  Assignment assignment;
  nanoseconds interval = std::chrono::minutes(1);  ///< between two blocks
  Language language = Language::en;
};

/// The course's exercise in steps for `host`: commands, a prediction before
/// each, observations, and why parts of the course's own recipe have no effect.
/// The commands are POSIX sh, to be pasted in order.
Document exercise_document(const ExercisePlan& plan, const ExerciseHost& host);

}  // namespace lab
