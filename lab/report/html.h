// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/base/language.h"
#include "lab/report/run_document.h"

namespace lab {

/// A self-contained page. Of one run: its report, story, charts and samples. Of
/// a run and its control run: both side by side, then what differs. Of several
/// runs: what differs, the curves over each other, then each run. Columns of
/// more than `most_samples` are thinned without losing a peak.
std::string html_report(const std::vector<NamedRecord>& runs,
                        Language language = Language::en);

}  // namespace lab
