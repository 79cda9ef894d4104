// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace lab {

/// Text from outside as printable UTF-8: control characters except newlines and
/// tabs, changes of text direction, and bytes that are not UTF-8 are shown byte
/// by byte as "\\xHH". Idempotent.
std::string visible(std::string_view text);

/// The same for text that must stay on one line: newlines and tabs, too.
std::string visible_line(std::string_view text);

}  // namespace lab
