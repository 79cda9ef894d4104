// SPDX-License-Identifier: MIT
#include "lab/place/swap.h"

namespace lab {

using cgroupfs::File;
using cgroupfs::Version;

File swap_limit_file(Version version) noexcept {
  return version == Version::v1 ? File::memory_memsw_max
                                : File::memory_swap_max;
}

bool accounts_swap(const cgroupfs::Cgroup& group) {
  if (group.has(swap_limit_file(group.version()))) return true;
  const bool has_no_limits =
      group.version() == Version::v2 && !group.has(File::memory_current);
  return has_no_limits && cgroupfs::try_read_file("/proc/swaps").has_value();
}

bool host_swaps(const Environment& environment) noexcept {
  return environment.swap_total.value_or(Bytes{0}) > Bytes{0};
}

}  // namespace lab
