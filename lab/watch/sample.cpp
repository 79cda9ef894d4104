// SPDX-License-Identifier: MIT
#include "lab/watch/sample.h"

namespace lab {

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
    case WatchEndReason::quit:
      return "quit";
  }
  return "unknown";
}

}  // namespace lab
