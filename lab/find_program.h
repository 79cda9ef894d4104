// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace lab {

/// The path of the project's program `name`: $CGLAB_<NAME> if set, beside this
/// executable, or where the build tree has it. Throws RunError.
std::string find_program(const std::string& name);

}  // namespace lab
