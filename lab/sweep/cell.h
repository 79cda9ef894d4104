// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "lab/repeat/cases.h"

namespace lab {

/// One run of a plan, for any machine.
struct Cell {
  std::string id;  ///< a UUID made of all the rest (RFC 4122, version 5)
  BenchCase of;
  std::size_t repetition = 1;
};

/// Throws UsageError for text that is not UTF-8.
Cell make_cell(const BenchCase& of, std::size_t repetition);

/// What the id is made of, and the id.
nlohmann::ordered_json json_of(const Cell& cell);

/// The line of a plan, with its end: "schema": "cglab.cell/1".
std::string line_of(const Cell& cell);

/// The cell in `json`; `where` is for messages. Throws RunError for anything
/// else, and for an id that was not made of its content.
Cell cell_in(const nlohmann::ordered_json& json, const std::string& where);

/// The same of a line.
Cell parse_cell(std::string_view line, const std::string& where);

}  // namespace lab
