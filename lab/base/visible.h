// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace lab {

/// Text from outside as UTF-8 that can be printed: what a terminal may obey
/// (control characters, but for newlines and tabs, and changes of direction)
/// and what is not UTF-8 stands byte by byte as "\\xHH". Idempotent.
std::string visible(std::string_view text);

/// The same of what has to stay on one line: newlines and tabs, too.
std::string visible_line(std::string_view text);

}  // namespace lab
