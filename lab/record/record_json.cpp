// SPDX-License-Identifier: MIT
#include "lab/record/record_json.h"

#include "lab/record/json_values.h"

namespace lab {

std::string to_json(const RunRecord& record) {
  JsonWriter document;
  document("schema", std::string(run_schema));
  fields(document, record);
  return document.take().dump(2, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

}  // namespace lab
