// SPDX-License-Identifier: MIT
#include "lab/os/descriptors.h"

#include <fcntl.h>
#include <sys/resource.h>

namespace lab {

std::size_t free_descriptors(std::size_t most) noexcept {
  rlimit limit{};
  // Where a filter forbids the call, assume that there are enough.
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return most;
  std::size_t count = 0;
  for (rlim_t fd = 0; fd < limit.rlim_cur && count < most; ++fd) {
    if (::fcntl(static_cast<int>(fd), F_GETFD) < 0) ++count;
  }
  return count;
}

}  // namespace lab
