// SPDX-License-Identifier: MIT
#pragma once

#include "lab/classroom/lessons/lesson.h"

namespace lab {

// Each is in a file of its name.
extern const Lesson charge_lesson;
extern const Lesson move_lesson;
extern const Lesson limit_lesson;
extern const Lesson oom_kill_lesson;
extern const Lesson exit_137_lesson;
extern const Lesson victim_lesson;
extern const Lesson swap_lesson;
extern const Lesson high_lesson;
extern const Lesson pressure_lesson;
extern const Lesson versions_lesson;
extern const Lesson image_lesson;
extern const Lesson layers_lesson;
extern const Lesson namespaces_lesson;

}  // namespace lab
