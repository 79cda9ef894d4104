// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lab/classroom/lessons/lesson.h"
#include "lab/report/document.h"

namespace lab {

/// All lessons; later ones build on earlier ones.
std::span<const Lesson* const> all_lessons();

/// The lesson `id`; nullptr if there is none.
const Lesson* find_lesson(std::string_view id);

/// The ids of all_lessons().
std::vector<std::string> lesson_ids();

/// The text of the lesson, with the commands for a memory controller on
/// `version`.
Document lesson_document(const Lesson& lesson, Language language,
                         cgroupfs::Version version);

/// All lessons with their summaries, and how to continue.
Document lesson_list(Language language);

}  // namespace lab
