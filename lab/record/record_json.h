// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/record/record.h"

namespace lab {

/// The name of the JSON schema.
inline constexpr char run_schema[] = "cglab.run/2";

/// The record as JSON text with a final newline, according to
/// lab/record/cglab.run-2.schema.json. Unknown values are null. Bytes of a
/// process' output or of names that are not UTF-8 are replaced.
std::string to_json(const RunRecord& record);
/// On one line, without its end.
std::string to_json_line(const RunRecord& record);

}  // namespace lab
