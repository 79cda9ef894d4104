// SPDX-License-Identifier: MIT
#pragma once

#include "lab/record/experiment.h"

namespace lab {

/// Whether a run that has its verdict came out as its experiment says: the run
/// by the status, a control run by the claims that the cause decides, each of
/// which has to fail by a number that was read. A pure function.
bool is_as_expected(const RunRecord& record, const Experiment& experiment);

}  // namespace lab
