// SPDX-License-Identifier: MIT
#include "lab/record/json_values.h"

#include "lab/record/json_text.h"

namespace lab {

std::string compact(const Json& value, bool ascii) {
  return value.dump(-1, ' ', ascii, Json::error_handler_t::replace);
}

std::string indented(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string json_string(const std::string& text) {
  return compact(text);
}

}  // namespace lab
