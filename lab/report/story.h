// SPDX-License-Identifier: MIT
#pragma once

#include "lab/base/language.h"
#include "lab/record/record.h"
#include "lab/report/document.h"

namespace lab {

/// The story of a run of the hog with its own numbers: what was made, how the
/// child climbed, what the kernel did, what proves it, what to try next. Made
/// of the record alone: what is not in it is not told.
Document story(const RunRecord& record, Language language);

}  // namespace lab
