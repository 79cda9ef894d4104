// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/memory.h"
#include "cgroupfs/oom_watch.h"
#include "lab/record/record.h"

namespace lab {

/// The cgroups that can have a limit, from one directory upwards within the
/// mounted hierarchy, nearest first, kept open during a run.
class Ancestors {
 public:
  /// The OOM notifications to register for on v1, where permitted: of those
  /// that have a limit, or also of those that may be limited during the run.
  enum class Watch { limited, all };

  /// Reads the limits of `directory` and its ancestors, up to `mount_point`,
  /// and `hits_before` of those that have one. Skips what cannot be read.
  Ancestors(const std::string& directory, const std::string& mount_point,
            cgroupfs::Version version, Watch watch);

  /// v1: those whose OOM killer is disabled while a process waits for memory.
  std::vector<std::string> disabled_oom_killers() const;
  /// Reads `hits_after` and the notifications.
  std::vector<Ancestor> finish();
  /// Whether all of them could be read, up to the root of the hierarchy: the
  /// mounted subtree may begin below it (a container).
  bool complete() const noexcept { return complete_; }

 private:
  struct Entry {
    cgroupfs::Memory memory;
    std::optional<cgroupfs::OomWatch> watch;  ///< v1
    Ancestor record;
  };

  static void read_again(Entry& entry);

  std::vector<Entry> entries_;
  bool complete_;
};

}  // namespace lab
