// SPDX-License-Identifier: MIT
#include "lab/run/crossing.h"

#include <cstddef>

namespace lab {

std::optional<std::int64_t> time_of_crossing(
    const std::vector<std::int64_t>& time_ns, const Column& usage,
    double goal) {
  const auto count = static_cast<double>(time_ns.size());
  if (count < 3) return std::nullopt;
  const std::int64_t zero = time_ns.front();
  double sum_t = 0, sum_u = 0, sum_tt = 0, sum_tu = 0;
  for (std::size_t i = 0; i < time_ns.size(); ++i) {
    const auto t = static_cast<double>(time_ns[i] - zero);
    const auto u = static_cast<double>(usage[i]);
    sum_t += t;
    sum_u += u;
    sum_tt += t * t;
    sum_tu += t * u;
  }
  const double spread = count * sum_tt - sum_t * sum_t;
  const double slope =
      spread > 0 ? (count * sum_tu - sum_t * sum_u) / spread : 0;
  if (slope <= 0) return std::nullopt;
  const double at_zero = (sum_u - slope * sum_t) / count;
  return zero + static_cast<std::int64_t>((goal - at_zero) / slope);
}

}  // namespace lab
