// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "lab/record/record.h"

namespace lab {

/// Whose limit brought the OOM killer.
struct Blame {
  LimitOwner owner;
  std::optional<std::string> path;  ///< of an ancestor or a descendant

  bool operator==(const Blame&) const = default;
};

/// What the kernel log says (oom_memcg) of the kill of `victim`; nullopt where
/// it does not.
std::optional<Blame> logged_blame(const RunRecord& record,
                                  const Victim& victim);

/// Of the main process' proven OOM kill, else of all OOM kills inside: what the
/// kernel log says of each, if that is the same; else what singles one cgroup
/// out: `oom` of memory.events.local (v2), the notifications of the cgroup and
/// its limited ancestors (v1), or a hog whose usage stood at the limit (v1). A
/// pure function of the record.
Blame blame(const RunRecord& record);

}  // namespace lab
