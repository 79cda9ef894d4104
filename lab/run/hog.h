// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/record/plan.h"

namespace lab {

/// The arguments that make malloc_demo do its part of `plan`. In the course's
/// order it waits at its gate again after the first and the second block.
std::vector<std::string> hog_arguments(const Plan& plan);

}  // namespace lab
