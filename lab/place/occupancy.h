// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "lab/place/leaf.h"
#include "lab/place/placement.h"

namespace lab {

/// A placement made ready for a run, as long as this object lives.
class Occupancy {
 public:
  /// Carries out what `placement` needs; where that fails, takes the next
  /// strategy that applies. Throws as choose_placement() does, and
  /// cgroupfs::FileError.
  static Occupancy take(Placement placement, const Parameters& asked);

  /// The place, its parent there now.
  const Placement& placement() const noexcept { return placement_; }
  /// Undoes what was done, unless another run still needs it. Throws
  /// cgroupfs::FileError. A scope goes by itself, with this process.
  void leave();

 private:
  explicit Occupancy(Placement placement);
  void prepare();
  void join_leaf();

  Placement placement_;
  std::optional<Leaf> leaf_;
};

}  // namespace lab
