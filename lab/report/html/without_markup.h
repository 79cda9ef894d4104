// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace lab {

/// The same JSON, in which nothing can end the script element that holds it, or
/// begin a comment there: JSON may write any character by its number.
std::string without_markup(const std::string& json);

}  // namespace lab
