// SPDX-License-Identifier: MIT
#include "lab/report/curves.h"

namespace lab {

std::vector<Curve> curves_of(const RunRecord& record) {
  const Samples& samples = record.samples;
  if (samples.usage.empty()) return {};
  if (!makes_claims(record)) {
    return {{"usage", samples.time_ns, samples.usage.front()}};
  }
  std::vector<Curve> curves;
  for (std::size_t i = 0; i < samples.usage.size(); ++i) {
    curves.push_back(
        {record.cgroups[i].name, samples.time_ns, samples.usage[i]});
  }
  return curves;
}

}  // namespace lab
