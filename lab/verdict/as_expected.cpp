// SPDX-License-Identifier: MIT
#include "lab/verdict/as_expected.h"

namespace lab {

bool is_as_expected(const RunRecord& record, const Experiment& experiment) {
  const Verdict& verdict = record.verdict;
  if (!record.plan.control) return verdict.status == experiment.expected;
  return verdict.status == experiment.expected_of_control &&
         decided_claims_failed(record);
}

}  // namespace lab
