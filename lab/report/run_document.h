// SPDX-License-Identifier: MIT
#pragma once

#include "lab/report/document.h"
#include "lab/report/html.h"

namespace lab {

/// A run in tables, for Markdown.
Document run_document(const NamedRecord& run);

/// Several runs side by side: first what differs in their environments, then
/// what came of each.
Document comparison_document(const std::vector<NamedRecord>& runs);

}  // namespace lab
