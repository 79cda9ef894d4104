// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

namespace lab {

/// Statistics of measurements, in the unit of the measurements.
struct Statistics {
  std::size_t count = 0;
  double median = 0;
  double p95 = 0;  ///< nearest rank
  double min = 0;
  double max = 0;
  /// Values with a modified Z-score above 10: their distance from the median is
  /// more than 14.826 times the median absolute deviation.
  std::size_t outliers = 0;
};

/// All 0 without measurements.
Statistics statistics_of(std::vector<double> values);

}  // namespace lab
