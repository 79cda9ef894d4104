// SPDX-License-Identifier: MIT
#pragma once

#include "lab/base/language.h"
#include "lab/inspect/inspection.h"
#include "lab/report/document.h"

namespace lab {

/// The inspection for people: the answer first, then what it rests on.
Document inspect_document(const Inspection& inspection, Language language);

}  // namespace lab
