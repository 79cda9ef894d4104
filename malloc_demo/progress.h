// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>

namespace malloc_demo {

/// The progress of the hog, in a page that it shares with its parent.
///
/// The parent creates a memfd of one page (all zero), passes its number as
/// `--progress-fd` and maps it MAP_SHARED. Only malloc_demo writes, any number
/// of processes read. The page is never ahead of the memory: memory is touched
/// first, then `last_touch_ns` is stored (relaxed), then `touched_bytes`
/// (release). A reader loads `touched_bytes` with acquire first; the time it
/// then loads belongs to that count or to a later one.
struct ProgressPage {
  /// Bytes touched so far, a multiple of the page size. Page by page under a
  /// ramp; at full speed in steps of 1/512 of the total, or of 128 KiB if that
  /// is more.
  std::atomic<std::uint64_t> touched_bytes;

  /// CLOCK_MONOTONIC in nanoseconds right after the last step, 0 before the
  /// first one.
  std::atomic<std::uint64_t> last_touch_ns;
};

static_assert(std::atomic<std::uint64_t>::is_always_lock_free,
              "a lock would not be shared between the processes");
static_assert(std::is_standard_layout_v<ProgressPage>);
static_assert(sizeof(ProgressPage) == 16);

}  // namespace malloc_demo
