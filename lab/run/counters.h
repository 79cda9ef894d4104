// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/memory.h"
#include "cgroupfs/oom_watch.h"
#include "lab/record/record.h"

namespace lab {

/// Every counter that `memory` offers; what it lacks stays absent. The swap
/// usage stays absent too without `with_swap`: v1 keeps it in memory.stat,
/// which takes as long to read as all the rest.
Counters read_counters(const cgroupfs::Memory& memory, bool with_swap);

/// How long tasks have waited for memory (PSI `some`); nullopt where the kernel
/// does not tell.
std::optional<nanoseconds> read_stalled(const cgroupfs::Memory& memory);

/// The highest usage and the file that keeps it; nullopt where there is none.
std::optional<Peak> read_peak(const cgroupfs::Memory& memory);

/// The highest of the samples, where the kernel keeps no peak: usage may have
/// been higher in between. nullopt without samples.
std::optional<Peak> peak_of(const Samples& samples);

/// The cgroups that can have a limit of their own, from one directory upwards
/// within the mounted hierarchy, nearest first, kept open over a run.
class Ancestors {
 public:
  /// Reads limits and `hits_before` of `directory` and its ancestors, up to
  /// `mount_point`. On v1 registers for the OOM notifications of those that
  /// have a limit, where permitted. Skips what cannot be read.
  Ancestors(const std::string& directory, const std::string& mount_point,
            cgroupfs::Version version);

  /// Reads `hits_after` and takes the notifications.
  std::vector<Ancestor> finish();
  /// Whether all of them could be read, up to the root of the hierarchy: what
  /// is mounted may begin below it (a container).
  bool complete() const noexcept { return complete_; }

 private:
  struct Entry {
    cgroupfs::Memory memory;
    std::optional<cgroupfs::OomWatch> watch;  ///< v1
    Ancestor record;
  };

  std::vector<Entry> entries_;
  bool complete_;
};

}  // namespace lab
