// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "cgroupfs/memory.h"
#include "lab/record/plan.h"
#include "lab/record/record.h"

namespace lab {

/// Writes the hard limit and reads it back. A refusal by the kernel (v1: EBUSY
/// below the usage) is in the record's error, with the limit that stayed.
LimitRecord set_hard_limit(const cgroupfs::Memory& memory, Bytes limit);

/// Writes the swap limit and reads it back: memory.swap.max on v2; on v1
/// memory.memsw.limit_in_bytes, which is limit plus swap. nullopt when nothing
/// has to be written: swap is "max", or needs_swap_limit() says no. An absent
/// file is in the record's error.
std::optional<LimitRecord> set_swap_limit(const cgroupfs::Memory& memory,
                                          const Plan& plan,
                                          const Environment& environment);

/// Writes memory.high (v2) and reads it back, as set_hard_limit().
LimitRecord set_high_limit(const cgroupfs::Memory& memory, Bytes limit);

/// Whether a run on this host has to limit swap. Not on v1 without any swap:
/// an equal memsw limit is hit first there, and memory.failcnt, which students
/// look at, would stay 0.
bool needs_swap_limit(const Plan& plan,
                      const Environment& environment) noexcept;

/// Whether the kernel took `asked`, rounded down to a page as it does.
bool is_in_force(const LimitRecord& record, Bytes asked) noexcept;

}  // namespace lab
