// SPDX-License-Identifier: MIT
#include <signal.h>

#include <algorithm>

#include "lab/verdict/analyze.h"
#include "lab/verdict/verdict_parts.h"

namespace lab {
namespace {

/// As the kernel has it.
std::string high_text(const RunRecord& record) {
  const LimitRecord* const high = limit_of(record, cgroupfs::File::memory_high);
  return high && high->actual ? to_string(*high->actual) : "";
}

Verdict throttled_verdict(const RunRecord& record) {
  return plain(
      Status::throttled,
      fact(FactKind::was_throttled, high_text(record), throttlings(record),
           stall_fact(record), end_of_child(record), last_usage(record)));
}

Verdict finished_verdict(const RunRecord& record) {
  return plain(Status::finished, fact(FactKind::finished, end_of_child(record),
                                      last_usage(record)));
}

/// What is traced has ended, and was not reaped.
bool all_were_killed(const RunRecord& record) {
  const auto& held = record.evidence.held;
  return std::all_of(held.begin(), held.end(), [](const HeldProcess& process) {
    return process.reason == HoldReason::traced;
  });
}

Verdict deadline_verdict(const RunRecord& record) {
  return plain(Status::deadline,
               fact(all_were_killed(record) ? FactKind::command_deadline
                                            : FactKind::command_deadline_held,
                    time_argument(record.plan.timeout.value_or(nanoseconds(0))),
                    last_usage(record)),
               kills_fact(record));
}

Verdict interrupted_verdict(const RunRecord& record) {
  const bool killed = time_of(record, EventKind::all_killed).has_value();
  const std::string signal = signal_name(*record.evidence.interrupted_by);
  const bool forwarded =
      std::any_of(record.events.begin(), record.events.end(),
                  [&signal](const Event& event) {
                    return event.kind == EventKind::signal_forwarded &&
                           event.source == signal;
                  });
  return plain(Status::interrupted,
               fact(FactKind::command_interrupted, signal,
                    fact(forwarded ? FactKind::forwarded : FactKind::nothing),
                    end_of_child(record),
                    fact(!killed                   ? FactKind::nothing
                         : all_were_killed(record) ? FactKind::rest_was_killed
                                                   : FactKind::rest_was_held),
                    last_usage(record)),
               kills_fact(record));
}

}  // namespace

Verdict analyze_command(const RunRecord& record) {
  if (record.evidence.interrupted_by) return interrupted_verdict(record);
  if (record.evidence.deadline_passed) return deadline_verdict(record);
  if (was_killed_elsewhere(record)) return left_verdict(record);
  const Proof kill = oom_kill_of_main(record);
  if (kill == Proof::proven) return oom_verdict(record);
  if (kills_inside(record) > 0) {
    return kill == Proof::ruled_out ? inside_verdict(record)
                                    : undetermined_verdict(record);
  }
  if (has_left(record)) return left_verdict(record);
  if (main_process(record).signal) return signal_verdict(record);
  if (is_throttled_by_own_limit(record)) {
    return throttled_verdict(record);
  }
  return finished_verdict(record);
}

}  // namespace lab
