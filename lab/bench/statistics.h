// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

namespace lab {

/// What a set of measurements says. All in the unit of the measurements.
struct Statistics {
  std::size_t count = 0;
  double median = 0;
  double p95 = 0;  ///< nearest rank
  double min = 0;
  double max = 0;
  /// Farther from the median than 14.826 times the median of such distances
  /// (a modified Z-score above 10).
  std::size_t outliers = 0;
};

/// Of no measurement all is 0.
Statistics statistics_of(std::vector<double> values);

}  // namespace lab
