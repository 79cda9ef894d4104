// SPDX-License-Identifier: MIT
#include "lab/place/swap.h"

#include "cgroupfs/directory.h"

namespace lab {

using cgroupfs::File;
using cgroupfs::Version;

File swap_limit_file(Version version) noexcept {
  return version == Version::v1 ? File::memory_memsw_max
                                : File::memory_swap_max;
}

bool accounts_swap(const Placement& placement) {
  const Version version = placement.version;
  const auto parent = cgroupfs::Directory::try_open(placement.parent);
  const auto has = [&](File file) {
    return parent && parent->exists(name_of(file, version));
  };
  if (has(swap_limit_file(version))) return true;
  return version == Version::v2 && !has(File::memory_current) &&
         cgroupfs::try_read_file("/proc/swaps").has_value();
}

std::optional<bool> host_swaps(const Environment& environment) noexcept {
  if (!environment.swap_total) return std::nullopt;
  return *environment.swap_total > Bytes{0};
}

}  // namespace lab
