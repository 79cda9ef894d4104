// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "lab/record/json_values.h"
#include "lab/watch/sample.h"

/// Parts of the lines of every watch.
namespace lab {

/// An object with `schema`, `kind` and the time.
Json watch_document(const char* schema, const char* kind, const Moment& moment);

Json pressure_json(const std::optional<cgroupfs::Pressure>& pressure);

/// In English, whatever the language of the terminal.
Json reason_json(const std::optional<Text>& reason);

/// The document and its newline.
std::string json_line(const Json& document);

}  // namespace lab
