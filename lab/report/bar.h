// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

#include "lab/report/terminal.h"

namespace lab {

/// Whether the environment's locale says UTF-8.
bool locale_is_utf8();

/// A bar of `width` cells in brackets, of which `share` (0 to 1) is full; the
/// fuller the redder.
std::string usage_bar(const Terminal& terminal, bool unicode, double share,
                      std::size_t width);

}  // namespace lab
