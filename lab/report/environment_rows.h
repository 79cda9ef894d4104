// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/record/record.h"

namespace lab {

/// What a record tells of its host: label and value, the same labels in the
/// same order for every record.
std::vector<std::vector<std::string>> environment_rows(
    const Environment& environment);

}  // namespace lab
