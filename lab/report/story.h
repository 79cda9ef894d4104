// SPDX-License-Identifier: MIT
#pragma once

#include "lab/base/language.h"
#include "lab/record/record.h"
#include "lab/report/document.h"

namespace lab {

/// The story of a run with its own numbers: what was made, what the processes
/// did, what the kernel did, what proves it, what to try next. Made from
/// the record only: anything not in it is not mentioned.
Document story(const RunRecord& record, Language language);

}  // namespace lab
