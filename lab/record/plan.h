// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "lab/base/units.h"

namespace lab {

/// The order in which limit and child meet.
enum class Order {
  limit_first,  ///< limit verified, child born inside, then let go
  course,       ///< as in the exercise: run, move in, set the limit, go on
};

/// "limit-first" or "course", as on the command line and in records.
std::string_view to_string(Order order) noexcept;

/// What the user asked for; what was left out is filled in by make_plan().
struct Parameters {
  std::optional<Bytes> limit;
  Limit swap = Limit::of(Bytes{0});
  std::optional<Bytes> total;
  std::optional<Bytes> block;
  std::optional<nanoseconds> ramp;
  std::optional<nanoseconds> poll;
  std::optional<nanoseconds> timeout;
  Order order = Order::limit_first;
  std::optional<cgroupfs::Version> version;  ///< nullopt: whichever there is
  std::optional<std::string> parent;
  bool keep = false;
  /// The control run: unless `total` says otherwise the hog takes less than
  /// the limit.
  bool control = false;
};

/// What `cglab run` is to start, and the limits that no experiment has.
struct CommandPlan {
  std::vector<std::string> command;  ///< program and arguments
  Limit limit = Limit::max();
  Limit high = Limit::max();          ///< v2
  std::optional<std::uint64_t> pids;  ///< most tasks; nullopt: no limit
  bool oom_group = false;             ///< v2: all die together
  bool tell = false;                  ///< hand the limits on as CGLAB_...
  std::optional<nanoseconds> timeout;
};

/// A run, decided in all its numbers. Plain data, written into the record.
struct Plan {
  std::string experiment;
  Order order = Order::limit_first;
  Bytes limit;
  Limit swap = Limit::of(Bytes{0});  ///< swap alone, beyond the limit
  Bytes total;                       ///< what the hog takes in all, if it lives
  Bytes block;                       ///< what it allocates at a time
  nanoseconds ramp{0};     ///< time to fill `limit` at an even rate; 0: at once
  nanoseconds poll{0};     ///< between two samples
  nanoseconds timeout{0};  ///< from the gate to the deadline
  bool keep = false;       ///< leave the cgroup for the user to look at
  /// The command in the hog's place: `order`, `limit`, `total`, `block`, `ramp`
  /// and `timeout` are not used then.
  std::optional<CommandPlan> run;

  /// Of the hog or of the command.
  Limit hard_limit() const noexcept;
  /// The deadline; nullopt: none.
  std::optional<nanoseconds> deadline() const noexcept;
  /// Time in which the hog spreads all of `total`, at the rate of `ramp`.
  nanoseconds total_ramp() const noexcept;
};

/// The smallest limit that leaves room for starting the hog at all: its own
/// baseline reads as up to 0.5 MiB, because charges are batched.
inline constexpr Bytes smallest_limit{mebi};

/// Fills in defaults and checks what the numbers alone can tell. Throws
/// UsageError.
Plan make_plan(const std::string& experiment, const Parameters& asked);

/// The same for `command`, whose limit and timeout are those of `asked`.
/// Without a limit swap is not limited either, unless `asked.swap` is not 0.
/// Throws UsageError.
Plan make_command_plan(const Parameters& asked, CommandPlan command);

}  // namespace lab
