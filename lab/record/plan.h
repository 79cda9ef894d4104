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

/// The options of the user; make_plan() fills in the others.
struct Parameters {
  std::optional<Bytes> limit;
  std::optional<Limit> swap;
  std::optional<Bytes> total;
  std::optional<Bytes> block;
  std::optional<nanoseconds> ramp;
  std::optional<nanoseconds> poll;
  std::optional<nanoseconds> timeout;
  std::optional<cgroupfs::Version> version;  ///< nullopt: whichever exists
  std::optional<std::string> parent;
  bool keep = false;
  bool control = false;  ///< without the cause
  // Only for `cglab run`.
  std::vector<std::string> command;  ///< program and arguments
  std::optional<Bytes> high;         ///< v2
  std::optional<std::uint64_t> pids;
  bool oom_group = false;  ///< v2: all are killed together
  bool no_wait = false;    ///< kill processes that the command leaves
  bool limits_in_environment = false;  ///< pass the limits on as CGLAB_...
};

/// A run with all its numbers. Plain data, written to the record except
/// `procedure`, whose results are in the record, and members that only messages
/// before the run need.
struct Plan {
  std::string experiment;  ///< "oom", "course", "run", ...
  bool control = false;    ///< without the cause
  Text question;           ///< what it answers; empty for a command
  Text prediction;
  Text control_run;                  ///< what the control run does instead
  Limit limit = Limit::max();        ///< the base of an experiment's shares
  Limit swap = Limit::of(Bytes{0});  ///< only swap, in addition to the limit
  /// What the hog allocates in all, if it survives, and at a time; nullopt
  /// where the user cannot choose it.
  std::optional<Bytes> total;
  std::optional<Bytes> block;
  bool total_by_limit = false;  ///< `total` was not given
  /// Time to fill `limit` at an even rate; 0: at once; nullopt: as the
  /// experiment defines it.
  std::optional<nanoseconds> ramp;
  nanoseconds poll{0};                 ///< between two samples
  std::optional<nanoseconds> timeout;  ///< from the gate to the deadline
  bool keep = false;                   ///< keep the cgroups for inspection
  bool no_wait = false;              ///< kill processes that the command leaves
  std::vector<std::string> command;  ///< of `cglab run`; empty: the hog
  Procedure procedure;
  bool limits_in_environment = false;  ///< pass the limits on as CGLAB_...

  /// `limit`, which is a number.
  Bytes size() const { return limit.bytes(); }
  /// Time in which `bytes` are allocated at the rate of `ramp`.
  nanoseconds ramp_of(Bytes bytes) const;
};

/// Whether it has the order of the course: run, move in, set the limit,
/// continue.
inline bool is_course(const Plan& plan) noexcept {
  return plan.experiment == "course";
}

/// Whether it runs a command of the user instead of the hog.
inline bool is_command(const Plan& plan) noexcept {
  return !plan.command.empty();
}

/// The smallest limit that leaves room to start the hog: its baseline usage
/// reads as up to 0.5 MiB, because charges are batched.
inline constexpr Bytes smallest_limit{mebi};

/// Fills in defaults and checks the numbers. The procedure still contains the
/// items of every version: see fit(). Throws UsageError.
Plan make_plan(const Experiment& experiment, const Parameters& asked);

/// The same for `requested.command`. Without a limit swap is not limited
/// either, unless `requested.swap` is set. Throws UsageError.
Plan make_command_plan(const Parameters& requested);

/// How long `step` waits at most: longer by the time of all processes where the
/// user has set the ramp.
nanoseconds longest_wait(const Plan& plan, const Step& step);

/// Removes the items of the plan's procedure that do not belong to `choice`,
/// and inserts the plan's numbers.
void fit(Plan& plan, const Choice& choice);

}  // namespace lab
