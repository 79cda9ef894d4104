// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace lab {

/// `text` as one word of a POSIX shell, to be printed and pasted: control
/// characters and bytes that are not UTF-8 become a call of printf(1).
std::string shell_quote(const std::string& text);

}  // namespace lab
