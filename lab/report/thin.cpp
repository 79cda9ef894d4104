// SPDX-License-Identifier: MIT
#include "lab/report/thin.h"

#include <algorithm>
#include <numeric>

namespace lab {

std::vector<std::size_t> thin(const std::vector<std::uint64_t>& values,
                              std::size_t most) {
  std::vector<std::size_t> kept;
  if (values.size() <= most) {
    kept.resize(values.size());
    std::iota(kept.begin(), kept.end(), std::size_t{0});
    return kept;
  }
  const std::size_t stretches = (most - 2) / 2;
  kept.push_back(0);
  for (std::size_t i = 0; i < stretches; ++i) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(
                                            values.size() * i / stretches);
    const auto end = values.begin() + static_cast<std::ptrdiff_t>(
                                          values.size() * (i + 1) / stretches);
    if (begin == end) continue;
    const auto [low, high] = std::minmax_element(begin, end);
    for (const auto place : {std::min(low, high), std::max(low, high)}) {
      kept.push_back(static_cast<std::size_t>(place - values.begin()));
    }
  }
  kept.push_back(values.size() - 1);
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  return kept;
}

}  // namespace lab
