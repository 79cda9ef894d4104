// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace lab {

/// `text` as a JSON string, in its quotation marks. Bytes that are not UTF-8
/// are replaced.
std::string json_string(const std::string& text);

}  // namespace lab
