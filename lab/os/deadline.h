// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>

namespace lab {

using Deadline = std::chrono::steady_clock::time_point;

/// The timeout of poll(2) that ends at `deadline`; 0 once it has passed.
inline int milliseconds_until(Deadline deadline) {
  const auto rest = std::chrono::ceil<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  return std::max(0, static_cast<int>(rest.count()));
}

}  // namespace lab
