// SPDX-License-Identifier: MIT
#include <signal.h>

#include <algorithm>

#include "lab/verdict/analyze.h"
#include "lab/verdict/verdict_messages.h"
#include "lab/verdict/verdict_parts.h"

namespace lab {
namespace {

namespace messages = verdict_messages;

/// As the kernel has it.
std::string high_text(const RunRecord& record) {
  const LimitRecord* const high = limit_of(record, cgroupfs::File::memory_high);
  return high && high->actual ? to_string(*high->actual) : "";
}

Verdict throttled_verdict(const RunRecord& record, Language language) {
  return plain(
      Status::throttled,
      say(language, messages::throttled, high_text(record), throttlings(record),
          stall_text(record, language), end_of_child(record, language),
          last_usage(record, language)));
}

Verdict finished_verdict(const RunRecord& record, Language language) {
  return plain(Status::finished,
               say(language, messages::finished, end_of_child(record, language),
                   last_usage(record, language)));
}

/// What is traced has ended, and was not reaped.
bool all_were_killed(const RunRecord& record) {
  const auto& held = record.evidence.held;
  return std::all_of(held.begin(), held.end(), [](const HeldProcess& process) {
    return process.reason == HoldReason::traced;
  });
}

Verdict deadline_verdict(const RunRecord& record, Language language) {
  return plain(Status::deadline,
               say(language,
                   all_were_killed(record) ? messages::command_deadline
                                           : messages::command_deadline_held,
                   time_argument(record.plan.timeout.value_or(nanoseconds(0))),
                   last_usage(record, language)) +
                   kills_text(record, language));
}

Verdict interrupted_verdict(const RunRecord& record, Language language) {
  const bool killed = time_of(record, EventKind::all_killed).has_value();
  const std::string signal = signal_name(*record.evidence.interrupted_by);
  const bool forwarded =
      std::any_of(record.events.begin(), record.events.end(),
                  [&signal](const Event& event) {
                    return event.kind == EventKind::signal_forwarded &&
                           event.source == signal;
                  });
  return plain(
      Status::interrupted,
      say(language, messages::command_interrupted, signal,
          forwarded ? say(language, messages::passed_on) : "",
          end_of_child(record, language),
          killed ? say(language, all_were_killed(record) ? messages::rest_killed
                                                         : messages::rest_held)
                 : "",
          last_usage(record, language)) +
          kills_text(record, language));
}

}  // namespace

Verdict analyze_command(const RunRecord& record, Language language) {
  if (record.evidence.interrupted_by)
    return interrupted_verdict(record, language);
  if (record.evidence.deadline_passed)
    return deadline_verdict(record, language);
  if (was_killed_elsewhere(record)) return left_verdict(record, language);
  const Proof kill = oom_kill_of_main(record);
  if (kill == Proof::proven) return oom_verdict(record, language);
  if (kills_inside(record) > 0) {
    return kill == Proof::ruled_out ? inside_verdict(record, language)
                                    : undetermined_verdict(record, language);
  }
  if (has_left(record)) return left_verdict(record, language);
  if (main_process(record).signal) return signal_verdict(record, language);
  if (is_throttled_by_own_limit(record)) {
    return throttled_verdict(record, language);
  }
  return finished_verdict(record, language);
}

}  // namespace lab
