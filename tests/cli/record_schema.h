// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace cli_test {

/// The JSON schema of records, its keys in their order.
nlohmann::ordered_json record_schema_document();

/// The JSON schema of the lines of `cglab watch --format json`.
nlohmann::json watch_schema_document();

/// The JSON schema of the lines of `cglab watch --all --format json`.
nlohmann::json watch_all_schema_document();

/// The JSON schema of `cglab inspect --json`.
nlohmann::json inspect_schema_document();

/// Empty when `record` is as the schema wants it; else what is wrong where.
std::string schema_errors(const nlohmann::json& record);
/// The same of one line of a watch.
std::string watch_schema_errors(const nlohmann::json& line);
/// The same of one line of a watch of a tree.
std::string watch_all_schema_errors(const nlohmann::json& line);
/// The same of an inspection.
std::string inspect_schema_errors(const nlohmann::json& document);

}  // namespace cli_test
