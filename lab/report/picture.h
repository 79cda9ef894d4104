// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/report/html.h"

namespace lab {

/// What gnuplot draws.
enum class PictureFormat { svg, png };

/// The usage of one run with its limit and what the program touched, or of
/// several runs, as a picture. Runs gnuplot. Throws Unavailable where there is
/// none, or no font for the Chinese text of a PNG, naming the package, and
/// RunError with its error output when it fails.
std::string draw_picture(const std::vector<NamedRecord>& runs,
                         PictureFormat format, Language language);

}  // namespace lab
