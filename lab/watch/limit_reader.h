// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/memory.h"
#include "lab/watch/sample.h"
#include "lab/watch/target.h"

namespace lab {

/// The limit files of a cgroup and of all above it that are to be seen, kept
/// open. What may not be read is passed over.
class LimitReader {
 public:
  explicit LimitReader(const WatchTarget& target);

  /// Every limit with what is charged against it now, nearest first. Throws
  /// cgroupfs::FileError, with ENODEV when the cgroup is gone.
  std::vector<LimitReading> read() const;

 private:
  struct Level {
    cgroupfs::Cgroup group;
    std::unique_ptr<cgroupfs::MemoryController> memory;
    std::vector<LimitKind> kinds;
  };

  static LimitReading read_one(const Level& level, LimitKind kind);

  std::vector<Level> levels_;
};

}  // namespace lab
