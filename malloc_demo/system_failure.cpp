// SPDX-License-Identifier: MIT
#include "malloc_demo/system_failure.h"

#include <cstring>
#include <stdexcept>

namespace malloc_demo {

void fail(int error, const std::string& what, const std::string& advice) {
  std::string message = what + ": " + std::strerror(error) + " (errno " +
                        std::to_string(error) + ")";
  if (!advice.empty()) message += "; " + advice;
  throw std::runtime_error(message);
}

}  // namespace malloc_demo
