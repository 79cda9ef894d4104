// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "cgroupfs/memory.h"
#include "lab/record/plan.h"
#include "lab/record/record.h"

namespace lab {

/// A setting as it was written, and its actual value.
struct Written {
  LimitRecord record;
  int refused = 0;        ///< errno of the kernel's refusal, or 0
  bool in_force = false;  ///< the value read back is the requested one

  /// "memory.max of /PATH: requested 1, the kernel has 2 (Device busy)".
  std::string text(const std::string& path) const;
};

/// The content of `file`, also a number or a flag, as a limit; nullopt where it
/// is absent. Throws cgroupfs::FileError.
std::optional<Limit> read_limit(const cgroupfs::Memory& memory,
                                cgroupfs::File file);

/// Writes `value` to `file` and reads it back. A refusal by the kernel (v1:
/// EBUSY below the usage) is in the result, with the old limit. Throws
/// cgroupfs::NotSupported for a file that is absent, and cgroupfs::FileError
/// when it cannot be read back.
Written write_limit(const cgroupfs::Memory& memory, cgroupfs::File file,
                    Limit value);

/// The same for the swap limit of `plan`: memory.swap.max on v2; on v1
/// memory.memsw.limit_in_bytes, which is the hard limit plus swap. An absent
/// file is in the record's error.
Written write_swap_limit(const cgroupfs::Memory& memory, Limit swap);

/// `settings` of a cgroup and the plan's swap limit, where this host needs one,
/// in the order that the version requires. If they contain no memory_swap_max,
/// the swap limit is memory_swap_max or, on v1 with claims and without allowed
/// swap, memory_swappiness 0. On v1 without any swap there is none: an equal
/// memsw limit would be hit first, and memory.failcnt, which students read,
/// would stay 0. A pure function.
std::vector<Setting> with_swap_limit(std::vector<Setting> settings,
                                     const Plan& plan,
                                     const Environment& environment);

}  // namespace lab
