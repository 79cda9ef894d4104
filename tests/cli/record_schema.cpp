// SPDX-License-Identifier: MIT
#include "tests/cli/record_schema.h"

#include <stdexcept>

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "tests/cli/schema.h"

namespace cli_test {
namespace {

using valijson::adapters::NlohmannJsonAdapter;

/// To read a schema takes longer than to validate a record against it.
struct ReadSchema : valijson::Schema {
  explicit ReadSchema(const nlohmann::json& document) {
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(NlohmannJsonAdapter(document), *this);
  }
};

std::string errors_of(const nlohmann::json& value,
                      const valijson::Schema& schema) {
  // Strong types: a number in a string is a string.
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  valijson::ValidationResults results;
  if (validator.validate(schema, NlohmannJsonAdapter(value), &results)) {
    return {};
  }
  std::string text;
  for (const auto& error : results) {
    for (const std::string& part : error.context) text += part;
    text += ": " + error.description + "\n";
  }
  return text.empty() ? "refused without a reason" : text;
}

}  // namespace

nlohmann::ordered_json record_schema_document() {
  return nlohmann::ordered_json::parse(record_schema);
}

nlohmann::json watch_schema_document() {
  return nlohmann::json::parse(watch_schema);
}

nlohmann::json watch_all_schema_document() {
  return nlohmann::json::parse(watch_all_schema);
}

nlohmann::json inspect_schema_document() {
  return nlohmann::json::parse(inspect_schema);
}

std::string schema_errors(const nlohmann::json& record) {
  static const ReadSchema schema(record_schema_document());
  return errors_of(record, schema);
}

std::string watch_schema_errors(const nlohmann::json& line) {
  static const ReadSchema schema(watch_schema_document());
  return errors_of(line, schema);
}

std::string watch_all_schema_errors(const nlohmann::json& line) {
  static const ReadSchema schema(watch_all_schema_document());
  return errors_of(line, schema);
}

std::string inspect_schema_errors(const nlohmann::json& document) {
  static const ReadSchema schema(inspect_schema_document());
  return errors_of(document, schema);
}

}  // namespace cli_test
