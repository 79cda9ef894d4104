// SPDX-License-Identifier: MIT
#include "lab/repeat/statistics.h"

#include <algorithm>
#include <cmath>

namespace lab {
namespace {

/// A modified Z-score of 10, in median absolute deviations: 1.4826 of them are
/// a standard deviation of normally distributed values.
constexpr double outlier_distance = 14.826;

double median_of_sorted(const std::vector<double>& values) {
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle]
                                : (values[middle - 1] + values[middle]) / 2;
}

std::size_t count_outliers(const std::vector<double>& values, double median) {
  std::vector<double> distances;
  distances.reserve(values.size());
  for (const double value : values)
    distances.push_back(std::abs(value - median));
  std::sort(distances.begin(), distances.end());
  const double deviation = median_of_sorted(distances);
  if (deviation == 0) return 0;
  return static_cast<std::size_t>(
      std::count_if(distances.begin(), distances.end(), [&](double distance) {
        return distance > outlier_distance * deviation;
      }));
}

}  // namespace

Statistics statistics_of(std::vector<double> values) {
  Statistics result;
  if (values.empty()) return result;
  std::sort(values.begin(), values.end());
  result.count = values.size();
  result.min = values.front();
  result.max = values.back();
  result.median = median_of_sorted(values);
  const auto rank = static_cast<std::size_t>(
      std::ceil(0.95 * static_cast<double>(values.size())));
  result.p95 = values[rank - 1];
  result.outliers = count_outliers(values, result.median);
  return result;
}

}  // namespace lab
