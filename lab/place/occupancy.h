// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "lab/place/leaf.h"
#include "lab/place/placement.h"

namespace lab {

/// A placement prepared for a run, until this object is destroyed.
class Occupancy {
 public:
  /// Prepares `placement`; where that fails, uses the next strategy that
  /// applies. Throws as choose_placement() does, and cgroupfs::FileError.
  static Occupancy take(Placement placement, const Parameters& asked);

  /// The place, whose parent now exists.
  const Placement& placement() const noexcept { return placement_; }
  /// Undoes the preparation, unless another run still needs it. Throws
  /// cgroupfs::FileError. A scope disappears with this process.
  void leave();

 private:
  explicit Occupancy(Placement placement);
  void prepare();
  void join_leaf();

  Placement placement_;
  std::optional<Leaf> leaf_;
};

}  // namespace lab
