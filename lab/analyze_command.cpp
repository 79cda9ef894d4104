// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <signal.h>

#include "lab/analyze.h"
#include "lab/verdict_parts.h"

namespace lab {
namespace {

std::string end_of_command(const RunRecord& record) {
  const ChildRecord& child = record.child;
  if (child.signal) {
    return fmt::format("ended by {}", signal_name(*child.signal));
  }
  if (child.exit_code) {
    return fmt::format("exited with status {}", *child.exit_code);
  }
  return "ended in an unknown way";
}

/// The kernel's log names somebody else, and not all had to die together.
bool victim_is_another(const RunRecord& record) {
  return record.victim && record.victim->pid != record.child.pid &&
         !record.plan.run->oom_group;
}

std::string victim_text(const RunRecord& record) {
  if (!record.victim) {
    return fmt::format("its name is unknown ({})",
                       record.victim_absent_because.value_or("not looked for"));
  }
  return fmt::format("{} (pid {})", record.victim->name, record.victim->pid);
}

Verdict inside_verdict(const RunRecord& record) {
  return plain(
      Status::oom_killed_inside,
      fmt::format("The OOM killer killed a process that the command had "
                  "started: {}; oom_kill rose from {} to {}. The command "
                  "itself {}; {}.",
                  victim_text(record), *record.before.oom_kills,
                  *record.after.oom_kills, end_of_command(record),
                  last_usage(record)));
}

std::uint64_t throttlings(const RunRecord& record) {
  if (!record.before.events || !record.after.events) return 0;
  return rise(record.before.events->high, record.after.events->high);
}

std::string stall_text(const RunRecord& record) {
  if (!record.before.stalled || !record.after.stalled) {
    return "how long it waited is unknown (no PSI)";
  }
  return fmt::format(
      "tasks waited {} for memory",
      human_seconds(*record.after.stalled - *record.before.stalled));
}

Verdict throttled_verdict(const RunRecord& record) {
  return plain(
      Status::throttled,
      fmt::format("The command was throttled at its high limit of {} bytes: "
                  "`high` of memory.events rose by {}, {}. It {}; {}.",
                  to_string(record.plan.run->high), throttlings(record),
                  stall_text(record), end_of_command(record),
                  last_usage(record)));
}

Verdict finished_verdict(const RunRecord& record) {
  return plain(Status::finished,
               fmt::format("The command {}; {}.", end_of_command(record),
                           last_usage(record)));
}

Verdict deadline_verdict(const RunRecord& record) {
  const std::string slow =
      throttlings(record) > 0
          ? fmt::format(
                "; it was throttled, `high` of memory.events rose by "
                "{}",
                throttlings(record))
          : "";
  return plain(
      Status::deadline,
      fmt::format(
          "The command and what it had started did not end within the "
          "deadline of {}, and everything was killed: {}{}.",
          time_argument(record.plan.deadline().value_or(nanoseconds(0))),
          last_usage(record), slow));
}

Verdict interrupted_verdict(const RunRecord& record) {
  const bool killed = time_of(record, EventKind::tree_killed).has_value();
  const bool forwarded =
      time_of(record, EventKind::signal_forwarded).has_value();
  return plain(
      Status::interrupted,
      fmt::format("Interrupted by {}{}: the command {}{}; {}.",
                  signal_name(*record.interrupted_by),
                  forwarded ? ", which was passed on to the command" : "",
                  end_of_command(record),
                  killed ? ", and everything that was left was killed" : "",
                  last_usage(record)));
}

}  // namespace

Verdict analyze_command(const RunRecord& record) {
  if (record.interrupted_by) return interrupted_verdict(record);
  if (record.deadline_passed) return deadline_verdict(record);
  const bool kill_counted = oom_kills_in(record).value_or(0) > 0;
  if (kill_counted && victim_is_another(record)) return inside_verdict(record);
  if (is_proven_oom_kill(record)) return oom_verdict(record);
  if (kill_counted) return inside_verdict(record);
  if (record.child.signal) return signal_verdict(record);
  if (throttlings(record) > 0) return throttled_verdict(record);
  return finished_verdict(record);
}

}  // namespace lab
