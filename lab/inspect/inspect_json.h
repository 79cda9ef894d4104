// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/inspect/inspection.h"

namespace lab {

/// The inspection as a JSON document according to
/// lab/inspect/cglab.inspect-1.schema.json. Unknown values are null.
std::string inspect_json(const Inspection& inspection);

}  // namespace lab
