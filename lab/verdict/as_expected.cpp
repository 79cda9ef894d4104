// SPDX-License-Identifier: MIT
#include "lab/verdict/as_expected.h"

namespace lab {

bool is_as_expected(const RunRecord& record, const Experiment& experiment) {
  const Verdict& verdict = record.verdict;
  if (!record.plan.control) return verdict.status == experiment.expected;
  return makes_claims(record)
             ? shows_other_outcome(record)
             : verdict.status == experiment.expected_of_control;
}

}  // namespace lab
