// SPDX-License-Identifier: MIT
#include "lab/watch/sample.h"

namespace lab {

std::string_view limit_file(LimitKind kind,
                            cgroupfs::Version version) noexcept {
  switch (kind) {
    case LimitKind::hard:
      return version == cgroupfs::Version::v1 ? "memory.limit_in_bytes"
                                              : "memory.max";
    case LimitKind::high:
      return "memory.high";
    case LimitKind::swap:
      return "memory.swap.max";
    case LimitKind::memsw:
      return "memory.memsw.limit_in_bytes";
  }
  return "unknown";
}

std::string_view to_string(WatchEndReason reason) noexcept {
  switch (reason) {
    case WatchEndReason::gone:
      return "gone";
    case WatchEndReason::count_reached:
      return "count_reached";
    case WatchEndReason::interrupted:
      return "interrupted";
    case WatchEndReason::reader_gone:
      return "reader_gone";
  }
  return "unknown";
}

}  // namespace lab
