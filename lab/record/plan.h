// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "lab/base/units.h"
#include "lab/record/fact.h"
#include "lab/record/procedure.h"

namespace lab {

struct Experiment;

/// What the user asked for; what was left out is filled in by make_plan().
struct Parameters {
  std::optional<Bytes> limit;
  std::optional<Limit> swap;
  std::optional<Bytes> total;
  std::optional<Bytes> block;
  std::optional<nanoseconds> ramp;
  std::optional<nanoseconds> poll;
  std::optional<nanoseconds> timeout;
  std::optional<cgroupfs::Version> version;  ///< nullopt: whichever there is
  std::optional<std::string> parent;
  bool keep = false;
  bool control = false;  ///< leave the cause out
  // Of `cglab run` alone.
  std::vector<std::string> command;  ///< program and arguments
  std::optional<Bytes> high;         ///< v2
  std::optional<std::uint64_t> pids;
  bool oom_group = false;         ///< v2: all die together
  bool no_wait = false;           ///< kill what the command leaves behind
  bool tell_environment = false;  ///< hand the limits on as CGLAB_...
};

/// A run, decided in all its numbers. Plain data, written into the record but
/// for `procedure`, of which the record has what came of it, and for what only
/// the messages before the run need.
struct Plan {
  std::string experiment;  ///< "oom", "course", "run", ...
  bool control = false;    ///< the cause is left out
  Text question;           ///< what it answers; empty for a command
  Text prediction;
  Text control_run;            ///< what the control run does instead
  Limit limit = Limit::max();  ///< what the shares of an experiment are of
  Limit swap = Limit::of(Bytes{0});  ///< swap alone, beyond the limit
  /// What the hog takes in all, if it lives, and at a time; nullopt where it is
  /// not for the user to say.
  std::optional<Bytes> total;
  std::optional<Bytes> block;
  bool total_by_limit = false;  ///< `total` was not asked for
  /// Time to fill `limit` at an even rate, 0: at once; nullopt: as the
  /// experiment says.
  std::optional<nanoseconds> ramp;
  nanoseconds poll{0};                 ///< between two samples
  std::optional<nanoseconds> timeout;  ///< from the gate to the deadline
  bool keep = false;     ///< leave the cgroups for the user to look at
  bool no_wait = false;  ///< kill what the command leaves behind
  std::vector<std::string> command;  ///< of `cglab run`; empty: the hog
  Procedure procedure;
  bool tell_environment = false;  ///< hand the limits on as CGLAB_...

  /// `limit`, which is a number.
  Bytes size() const { return limit.bytes(); }
  /// Time in which `total` is taken at the rate of `ramp`.
  nanoseconds ramp_of(Bytes total) const;
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

/// Fills in defaults and checks what the numbers alone can tell. The procedure
/// is still that of every version: see fit(). Throws UsageError.
Plan make_plan(const Experiment& experiment, const Parameters& asked);

/// The same for `asked.command`. Without a limit swap is not limited either,
/// unless `asked.swap` says so. Throws UsageError.
Plan make_command_plan(const Parameters& asked);

/// How long `step` waits at most: where the user has set the ramp, as much
/// longer as all processes take.
nanoseconds longest_wait(const Plan& plan, const Step& step);

/// Leaves of the plan's procedure what belongs to `choice`, and puts the plan's
/// own numbers in.
void fit(Plan& plan, const Choice& choice);

}  // namespace lab
