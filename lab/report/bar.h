// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

#include "lab/report/terminal.h"

namespace lab {

/// Whether the environment's locale says UTF-8.
bool locale_is_utf8();

/// A bar of `width` cells in brackets, filled to `share` (0 to 1); it turns red
/// as it fills.
std::string usage_bar(const Terminal& terminal, bool unicode, double share,
                      std::size_t width);

}  // namespace lab
