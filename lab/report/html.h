// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/report/run_document.h"

namespace lab {

/// A page that needs nothing but itself: chart, verdict, proof, limits,
/// environment and samples of one run, or several side by side. Columns of more
/// than 4000 samples are thinned without losing a peak.
std::string html_report(const std::vector<NamedRecord>& runs);

}  // namespace lab
