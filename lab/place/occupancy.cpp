// SPDX-License-Identifier: MIT
#include "lab/place/occupancy.h"

#include <exception>
#include <string>
#include <utility>

#include "cgroupfs/directory.h"
#include "lab/place/systemd_scope.h"

namespace lab {

using cgroupfs::Directory;
using cgroupfs::Version;

Occupancy::Occupancy(Placement placement) : placement_(std::move(placement)) {}

void Occupancy::prepare() {
  switch (placement_.preparation) {
    case Preparation::none:
      if (placement_.version == Version::v2) join_leaf();
      break;
    case Preparation::systemd_scope:
      placement_.parent = enter_scope(placement_.parent);
      move_self_aside(Directory::open(placement_.parent),
                      std::string(scope_leaf_name));
      break;
    case Preparation::move_aside:
      leaf_.emplace(Leaf::make(Directory::open(placement_.parent)));
      break;
  }
}

/// Another run may have moved the processes of this place to a leaf.
void Occupancy::join_leaf() {
  auto leaf = Leaf::join(Directory::open(placement_.parent));
  if (leaf) leaf_.emplace(*std::move(leaf));
}

Occupancy Occupancy::take(Placement placement, const Parameters& asked) {
  for (;;) {
    Occupancy occupancy(placement);
    try {
      occupancy.prepare();
      return occupancy;
    } catch (const std::exception& error) {
      // Without preparation there is nothing to retry.
      if (placement.preparation == Preparation::none) throw;
      placement = choose_after(placement, error.what(), asked);
    }
  }
}

void Occupancy::leave() {
  if (leaf_) leaf_->leave();
}

}  // namespace lab
