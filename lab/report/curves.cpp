// SPDX-License-Identifier: MIT
#include "lab/report/curves.h"

namespace lab {

std::vector<Curve> curves_of(const RunRecord& record) {
  if (!record.scenario) {
    return {{"usage", record.samples.time_ns, record.samples.usage}};
  }
  std::vector<Curve> curves;
  for (const StageGroupRecord& group : record.scenario->groups) {
    curves.push_back({group.name, group.samples.time_ns, group.samples.usage});
  }
  return curves;
}

}  // namespace lab
