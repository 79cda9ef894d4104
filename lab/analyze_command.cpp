// SPDX-License-Identifier: MIT
#include <signal.h>

#include "lab/analyze.h"
#include "lab/verdict_messages.h"
#include "lab/verdict_parts.h"

namespace lab {
namespace {

namespace messages = verdict_messages;

std::string end_of_command(const RunRecord& record, Language language) {
  const ChildRecord& child = record.child;
  if (child.signal) {
    return say(language, messages::command_signalled,
               signal_name(*child.signal));
  }
  if (child.exit_code) {
    return say(language, messages::command_exited, *child.exit_code);
  }
  return say(language, messages::command_unknown);
}

/// The kernel's log names somebody else, and not all had to die together.
bool victim_is_another(const RunRecord& record) {
  return record.victim && record.victim->pid != record.child.pid &&
         !record.plan.run->oom_group;
}

std::string victim_text(const RunRecord& record, Language language) {
  if (!record.victim) {
    return say(language, messages::victim_unknown,
               record.victim_absent_because.value_or(
                   say(language, messages::not_looked_for)));
  }
  return say(language, messages::victim_named, record.victim->name,
             record.victim->pid);
}

Verdict inside_verdict(const RunRecord& record, Language language) {
  return plain(
      Status::oom_killed_inside,
      say(language, messages::killed_inside, victim_text(record, language),
          *record.before.oom_kills, *record.after.oom_kills,
          end_of_command(record, language), last_usage(record, language)));
}

std::uint64_t throttlings(const RunRecord& record) {
  if (!record.before.events || !record.after.events) return 0;
  return rise(record.before.events->high, record.after.events->high);
}

std::string stall_text(const RunRecord& record, Language language) {
  if (!record.before.stalled || !record.after.stalled) {
    return say(language, messages::no_psi);
  }
  return say(language, messages::tasks_waited,
             human_seconds(*record.after.stalled - *record.before.stalled));
}

Verdict throttled_verdict(const RunRecord& record, Language language) {
  return plain(
      Status::throttled,
      say(language, messages::throttled, to_string(record.plan.run->high),
          throttlings(record), stall_text(record, language),
          end_of_command(record, language), last_usage(record, language)));
}

Verdict finished_verdict(const RunRecord& record, Language language) {
  return plain(Status::finished, say(language, messages::finished,
                                     end_of_command(record, language),
                                     last_usage(record, language)));
}

Verdict deadline_verdict(const RunRecord& record, Language language) {
  const std::string slow =
      throttlings(record) > 0
          ? say(language, messages::slow, throttlings(record))
          : "";
  return plain(
      Status::deadline,
      say(language, messages::command_deadline,
          time_argument(record.plan.deadline().value_or(nanoseconds(0))),
          last_usage(record, language), slow));
}

Verdict interrupted_verdict(const RunRecord& record, Language language) {
  const bool killed = time_of(record, EventKind::tree_killed).has_value();
  const bool forwarded =
      time_of(record, EventKind::signal_forwarded).has_value();
  return plain(Status::interrupted,
               say(language, messages::command_interrupted,
                   signal_name(*record.interrupted_by),
                   forwarded ? say(language, messages::passed_on) : "",
                   end_of_command(record, language),
                   killed ? say(language, messages::rest_killed) : "",
                   last_usage(record, language)));
}

}  // namespace

Verdict analyze_command(const RunRecord& record, Language language) {
  if (record.interrupted_by) return interrupted_verdict(record, language);
  if (record.deadline_passed) return deadline_verdict(record, language);
  const bool kill_counted = oom_kills_in(record).value_or(0) > 0;
  if (kill_counted && victim_is_another(record)) {
    return inside_verdict(record, language);
  }
  if (is_proven_oom_kill(record)) return oom_verdict(record, language);
  if (kill_counted) return inside_verdict(record, language);
  if (record.child.signal) return signal_verdict(record, language);
  if (throttlings(record) > 0) return throttled_verdict(record, language);
  return finished_verdict(record, language);
}

}  // namespace lab
