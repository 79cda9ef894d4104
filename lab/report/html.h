// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/record/record.h"

namespace lab {

/// A record and what people call it: its file.
struct NamedRecord {
  std::string name;
  RunRecord record;
};

/// A page that needs nothing but itself: chart, verdict, proof, limits,
/// environment and samples of one run, or several side by side. Columns of more
/// than 4000 samples are thinned without losing a peak.
std::string html_report(const std::vector<NamedRecord>& runs);

}  // namespace lab
