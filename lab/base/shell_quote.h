// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace lab {

/// `text` as one word of a POSIX shell.
std::string shell_quote(const std::string& text);

}  // namespace lab
