// SPDX-License-Identifier: MIT
#include "lab/run/hog.h"

#include "lab/os/child.h"

namespace lab {

std::vector<std::string> hog_arguments(const Plan& plan) {
  std::vector<std::string> arguments{"--quiet",
                                     "--total",
                                     std::to_string(plan.total->count),
                                     "--block",
                                     std::to_string(plan.block->count),
                                     "--ramp",
                                     time_argument(plan.total_ramp()),
                                     "--gate-fd",
                                     std::to_string(gate_number),
                                     "--progress-fd",
                                     std::to_string(progress_number)};
  if (is_course(plan)) {
    for (const std::uint64_t blocks : {1, 2}) {
      arguments.push_back("--gate-at");
      arguments.push_back(std::to_string(blocks * plan.block->count));
    }
  }
  return arguments;
}

}  // namespace lab
