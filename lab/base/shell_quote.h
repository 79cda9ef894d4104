// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace lab {

/// `text` as one word of a POSIX shell, to be printed and pasted: bytes that a
/// terminal would obey, or that are not UTF-8, are written by printf(1).
std::string shell_quote(const std::string& text);

}  // namespace lab
