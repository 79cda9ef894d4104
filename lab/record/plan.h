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
};

/// A run, decided in all its numbers. Plain data, written into the record.
struct Plan {
  std::string experiment;  ///< "oom", "course", "run", ...
  bool control = false;    ///< the cause is left out
  std::string question;    ///< of an experiment that makes claims
  std::string prediction;
  std::string cause;           ///< what the control run does instead
  Limit limit = Limit::max();  ///< what the shares of an experiment are of
  Limit swap = Limit::of(Bytes{0});  ///< swap alone, beyond the limit
  /// What the hog takes in all, if it lives, and at a time; nullopt where it is
  /// not for the user to say.
  std::optional<Bytes> total;
  std::optional<Bytes> block;
  /// Time to fill `limit` at an even rate; 0: at once.
  std::optional<nanoseconds> ramp;
  nanoseconds poll{0};                 ///< between two samples
  std::optional<nanoseconds> timeout;  ///< from the gate to the deadline
  bool keep = false;  ///< leave the cgroups for the user to look at
  std::vector<std::string> command;  ///< of `cglab run`; empty: the hog
  std::optional<CommandPlan> run;

  /// `limit` where there is one.
  Bytes size() const { return limit.bytes(); }
  /// Time in which the hog spreads all of `total`, at the rate of `ramp`.
  nanoseconds total_ramp() const noexcept;
};

/// Whether it is the course's own order: run, move in, set the limit, go on.
inline bool is_course(const Plan& plan) noexcept {
  return plan.experiment == "course";
}

/// Whether it is a command of the user's in the hog's place.
inline bool is_command(const Plan& plan) noexcept {
  return !plan.command.empty();
}

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
