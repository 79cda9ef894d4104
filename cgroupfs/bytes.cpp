// SPDX-License-Identifier: MIT
#include "cgroupfs/bytes.h"

#include <unistd.h>

namespace cgroupfs {

std::string to_string(Limit limit) {
  return limit.is_max() ? "max" : std::to_string(limit.bytes().count);
}

Bytes page_size() noexcept {
  static const long size = ::sysconf(_SC_PAGESIZE);
  return Bytes{static_cast<std::uint64_t>(size)};
}

Bytes round_down_to_page(Bytes bytes) noexcept {
  return Bytes{bytes.count - bytes.count % page_size().count};
}

}  // namespace cgroupfs
