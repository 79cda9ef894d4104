// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace lab {

/// Text from outside with its control characters, but for newlines and tabs, as
/// "\\xHH": a terminal may obey them.
std::string visible(std::string_view text);

/// The same of what has to stay on one line: all control characters.
std::string visible_line(std::string_view text);

}  // namespace lab
