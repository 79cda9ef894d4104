// SPDX-License-Identifier: MIT
#include "lab/verdict/as_expected.h"

#include <algorithm>

namespace lab {
namespace {

bool cause_decides(const Verdict& verdict) noexcept {
  return verdict.status == Status::not_as_predicted &&
         std::all_of(verdict.claims.begin(), verdict.claims.end(),
                     [](const ClaimRecord& claim) {
                       return !claim.decided_by_cause || claim.held == false;
                     });
}

}  // namespace

bool is_as_expected(const RunRecord& record) noexcept {
  const Status status = record.verdict.status;
  if (status == Status::finished) return true;
  if (!record.plan.control) {
    return status == Status::oom_killed || status == Status::as_predicted;
  }
  return makes_claims(record) ? cause_decides(record.verdict)
                              : status == Status::survived;
}

}  // namespace lab
