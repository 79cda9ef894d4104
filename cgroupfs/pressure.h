// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "cgroupfs/cgroup.h"

namespace cgroupfs {

/// One line of a PSI file (Documentation/accounting/psi.rst).
struct PressureLine {
  double avg10 = 0;   ///< percentage of time stalled in the last 10 s
  double avg60 = 0;   ///< the same over 60 s
  double avg300 = 0;  ///< the same over 300 s
  std::chrono::microseconds total{0};  ///< stalled in all

  bool operator==(const PressureLine&) const = default;
};

/// A PSI file, such as memory.pressure.
struct Pressure {
  PressureLine some;                 ///< at least one task stalled
  std::optional<PressureLine> full;  ///< all tasks stalled at once

  bool operator==(const Pressure&) const = default;
};

/// Parses PSI text. Throws ParseError.
Pressure parse_pressure(std::string_view text);

/// When a PressureWatch fires: `stall` of stalled time within `window` (500 ms
/// to 10 s; a multiple of 2 s without CAP_SYS_RESOURCE).
struct PressureTrigger {
  bool full = false;  ///< watch `full` rather than `some`
  std::chrono::microseconds stall{0};
  std::chrono::microseconds window{0};
};

/// A PSI trigger on one cgroup's memory.pressure (v2). Wait for poll_events()
/// on fd(); a wake-up is a hint, only the file is reliable.
class PressureWatch {
 public:
  /// Registers `trigger`. Throws NotSupported when PSI is disabled or missing,
  /// FileError for a trigger that the kernel rejects.
  static PressureWatch open(const Cgroup& group,
                            const PressureTrigger& trigger);

  int fd() const noexcept { return fd_.get(); }
  /// The event of fd() to pass to poll(2): POLLPRI.
  static short poll_events() noexcept;

 private:
  explicit PressureWatch(UniqueFd fd) noexcept : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace cgroupfs
