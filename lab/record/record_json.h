// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/record/record.h"

namespace lab {

/// Names the shape of the JSON.
inline constexpr char run_schema[] = "cglab.run/2";

/// The record as JSON text with a newline at its end, as
/// lab/record/cglab.run-2.schema.json describes it. What is unknown is null.
/// Bytes of a process' output or of names that are no UTF-8 are replaced.
std::string to_json(const RunRecord& record);

}  // namespace lab
