// SPDX-License-Identifier: MIT
#pragma once

#include "lab/base/language.h"
#include "lab/classroom/scratch/program_needs.h"
#include "lab/report/document.h"

namespace lab {

/// What an image `FROM scratch` lacks for the program, and the lines to copy
/// it.
Document scratch_document(const ProgramNeeds& needs, Language language);

}  // namespace lab
