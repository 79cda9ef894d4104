// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "cgroupfs/memory.h"
#include "lab/watch/sample.h"
#include "lab/watch/target.h"

namespace lab {

/// The limit files of a cgroup and of its visible ancestors, kept open.
/// Unreadable ones are skipped.
class LimitReader {
 public:
  explicit LimitReader(const WatchTarget& target);

  /// Every limit with its present usage, nearest first. Throws
  /// cgroupfs::FileError, with ENODEV when the cgroup is gone.
  std::vector<LimitReading> read() const;

 private:
  struct Level {
    std::string path;
    cgroupfs::Memory memory;
  };

  std::vector<Level> levels_;
};

}  // namespace lab
