// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "cgroupfs/memory.h"
#include "lab/record/plan.h"
#include "lab/record/record.h"

namespace lab {

/// A setting as it was written, and what the kernel made of it.
struct Written {
  LimitRecord record;
  int refused = 0;        ///< errno of the kernel's refusal, or 0
  bool in_force = false;  ///< read back as it was asked for

  /// "memory.max of /PATH: asked 1, the kernel has 2 (Device busy)".
  std::string text(const std::string& path) const;
};

/// What is in `file`, a number or a flag too, as a limit; nullopt where it is
/// absent. Throws cgroupfs::FileError.
std::optional<Limit> read_limit(const cgroupfs::Memory& memory,
                                cgroupfs::File file);

/// Writes `value` to `file` and reads it back. A refusal by the kernel (v1:
/// EBUSY below the usage) is in the result, with the limit that stayed. Throws
/// cgroupfs::NotSupported for a file that is absent, and cgroupfs::FileError
/// when it cannot be read back.
Written write_limit(const cgroupfs::Memory& memory, cgroupfs::File file,
                    Limit value);

/// The same for the swap limit of `plan`: memory.swap.max on v2; on v1
/// memory.memsw.limit_in_bytes, which is the hard limit plus swap. A file that
/// is absent is in the record's error.
Written write_swap_limit(const cgroupfs::Memory& memory, Limit swap);

/// `settings` of a cgroup and the plan's limit of swap, where this host needs
/// one, in the order that the version wants. Without an own memory_swap_max
/// among them that is memory_swap_max or, v1 where claims are made and no swap
/// is allowed, memory_swappiness 0. None on v1 without any swap: an equal memsw
/// limit is hit first there, and memory.failcnt, which students look at, would
/// stay 0. A pure function.
std::vector<Setting> with_swap_limit(std::vector<Setting> settings,
                                     const Plan& plan,
                                     const Environment& environment);

}  // namespace lab
