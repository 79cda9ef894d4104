// SPDX-License-Identifier: MIT
#include "lab/record/record_json.h"

#include "lab/record/json_values.h"

namespace lab {
namespace {

Json record_json(const RunRecord& record) {
  JsonWriter document;
  document("schema", std::string(run_schema));
  fields(document, record);
  return document.take();
}

}  // namespace

std::string to_json(const RunRecord& record) {
  return indented(record_json(record));
}

std::string to_json_line(const RunRecord& record) {
  return compact(record_json(record));
}

}  // namespace lab
