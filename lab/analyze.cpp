// SPDX-License-Identifier: MIT
#include "lab/analyze.h"

#include <signal.h>

#include <algorithm>
#include <string>

#include "lab/scenario/judge.h"
#include "lab/verdict_messages.h"
#include "lab/verdict_parts.h"

namespace lab {
namespace {

namespace messages = verdict_messages;

/// What the child is to its user.
std::string noun(const RunRecord& record, Language language) {
  return say(language,
             record.plan.run ? messages::the_command : messages::the_child);
}

bool was_sigkilled(const RunRecord& record) {
  return record.child.signal == SIGKILL;
}

/// How often the limit of the child's own cgroup was hit.
std::uint64_t own_hits(const RunRecord& record) {
  if (record.environment.memory_version == cgroupfs::Version::v1) {
    return rise(record.before.failcnt, record.after.failcnt) +
           rise(record.before.memsw_failcnt, record.after.memsw_failcnt);
  }
  if (!record.before.local_events || !record.after.local_events) return 0;
  return rise(record.before.local_events->oom, record.after.local_events->oom);
}

/// Whose limit killed.
struct Blame {
  LimitOwner owner;
  std::optional<std::string> path;
};

/// The ancestor that the kernel names, whose paths begin at the hierarchy's
/// root; where something below it is mounted here, the kernel's own name.
std::string named_ancestor(const RunRecord& record,
                           const std::string& oom_memcg) {
  const std::string here = record.environment.memory_mount + oom_memcg;
  const bool known = std::any_of(
      record.ancestors.begin(), record.ancestors.end(),
      [&](const Ancestor& ancestor) { return ancestor.path == here; });
  return known ? here : oom_memcg;
}

std::optional<Blame> blame_by_kernel_record(const RunRecord& record) {
  if (!record.victim || !record.victim->constraint) return std::nullopt;
  if (*record.victim->constraint != "CONSTRAINT_MEMCG") {
    return Blame{LimitOwner::host, std::nullopt};
  }
  if (!record.victim->oom_memcg) return std::nullopt;
  if (record.victim->oom_memcg == record.victim->task_memcg) {
    return Blame{LimitOwner::own, std::nullopt};
  }
  return Blame{LimitOwner::ancestor,
               named_ancestor(record, *record.victim->oom_memcg)};
}

/// Newer v1 kernels do not count failures at the memsw limit: then a peak that
/// stands exactly at the limit tells.
bool peak_is_at_limit(const RunRecord& record) {
  if (!record.peak || record.peak->source == "samples") return false;
  const LimitRecord* const hard = hard_limit(record);
  if (!hard) return false;
  const std::optional<Limit>& limit = hard->actual;
  return limit && !limit->is_max() && record.peak->bytes >= limit->bytes();
}

Blame blame_by_counters(const RunRecord& record) {
  if (own_hits(record) > 0) return {LimitOwner::own, std::nullopt};
  for (const Ancestor& ancestor : record.ancestors) {
    if (rise(ancestor.hits_before, ancestor.hits_after) > 0) {
      return {LimitOwner::ancestor, ancestor.path};
    }
  }
  if (peak_is_at_limit(record)) return {LimitOwner::own, std::nullopt};
  return {LimitOwner::unknown, std::nullopt};
}

Status status_of(LimitOwner owner) {
  switch (owner) {
    case LimitOwner::ancestor:
      return Status::oom_killed_by_ancestor;
    case LimitOwner::host:
      return Status::oom_killed_by_host;
    case LimitOwner::own:
      return Status::oom_killed;
    case LimitOwner::unknown:
      return Status::oom_killed_by_unknown;
  }
  return Status::oom_killed_by_unknown;
}

std::string proof_of_kill(const RunRecord& record, Language language) {
  if (!record.before.oom_kills || !record.after.oom_kills) {
    return say(language, messages::proof_by_log);
  }
  return say(language, messages::proof_by_counter, *record.before.oom_kills,
             *record.after.oom_kills);
}

/// What ran out where no limit did; a cpuset or a memory policy binds a process
/// to some of the host's memory nodes (enum oom_constraint in linux/oom.h).
std::string exhausted(const RunRecord& record, Language language) {
  return say(language, record.victim->constraint == "CONSTRAINT_NONE"
                           ? messages::whole_host
                           : messages::memory_nodes);
}

std::string blame_text(const Blame& blame, const RunRecord& record,
                       Language language) {
  const LimitRecord* const hard = hard_limit(record);
  const std::string unknown = say(language, messages::unknown);
  switch (blame.owner) {
    case LimitOwner::own:
      return say(language, messages::at_own_limit,
                 hard && hard->actual ? to_string(*hard->actual) : unknown);
    case LimitOwner::ancestor:
      return say(language, messages::at_limit_above,
                 blame.path.value_or(unknown));
    case LimitOwner::host:
      return say(language, messages::by_host, exhausted(record, language));
    case LimitOwner::unknown:
      return say(language, messages::by_unknown_limit);
  }
  return "";
}

bool was_refused(const RunRecord& record) {
  return !record.limits.empty() &&
         time_of(record, EventKind::limit_refused).has_value();
}

Verdict refused_verdict(const RunRecord& record, Language language) {
  const LimitRecord* const refused = refused_limit(record);
  const LimitRecord& limit = refused ? *refused : record.limits.front();
  return plain(
      Status::limit_refused,
      say(language, messages::refused, limit.asked, limit.file,
          limit.error.value_or(say(language, messages::read_back_otherwise))));
}

/// A kill that was counted although the child lived hit something else.
std::string kills_beside(const RunRecord& record, Language language) {
  if (oom_kills_in(record).value_or(0) == 0) {
    return say(language, messages::no_oom_kill);
  }
  return say(language, messages::another_killed, *record.before.oom_kills,
             *record.after.oom_kills);
}

/// A hog that asks for less than the limit is a control run.
std::string below_limit(const RunRecord& record, Language language) {
  return record.plan.total < record.plan.limit
             ? say(language, messages::below_limit)
             : "";
}

Verdict exit_verdict(const RunRecord& record, Language language) {
  const std::optional<int>& code = record.child.exit_code;
  if (!code) {
    return plain(Status::child_failed, say(language, messages::end_unknown));
  }
  if (*code != 0) {
    return plain(Status::child_failed, say(language, messages::failed, *code));
  }
  return plain(
      Status::survived,
      say(language, messages::survived, record.plan.total.count,
          below_limit(record, language), kills_beside(record, language),
          last_usage(record, language)));
}

/// The end of a victim with much memory may take until after the deadline.
bool was_killed_in_time(const RunRecord& record) {
  const auto kill = time_of(record, EventKind::kill_seen);
  const auto deadline = time_of(record, EventKind::deadline);
  return kill && deadline && *kill < *deadline && is_proven_oom_kill(record);
}

}  // namespace

std::uint64_t rise(const std::optional<std::uint64_t>& before,
                   const std::optional<std::uint64_t>& after) {
  if (!before || !after) return 0;
  return *after - std::min(*before, *after);
}

bool is_proven_oom_kill(const RunRecord& record) {
  if (!was_sigkilled(record)) return false;
  if (oom_kills_in(record)) return *oom_kills_in(record) > 0;
  return record.victim.has_value();
}

Verdict oom_verdict(const RunRecord& record, Language language) {
  const Blame blame =
      blame_by_kernel_record(record).value_or(blame_by_counters(record));
  return {
      status_of(blame.owner),
      say(language, messages::oom_killed, noun(record, language),
          blame_text(blame, record, language), proof_of_kill(record, language)),
      blame.owner, blame.path};
}

Verdict plain(Status status, std::string reason) {
  return {status, std::move(reason), std::nullopt, std::nullopt};
}

std::string last_usage(const RunRecord& record, Language language) {
  return record.peak
             ? say(language, messages::peak_was, record.peak->bytes.count)
             : say(language, messages::peak_unknown);
}

Verdict signal_verdict(const RunRecord& record, Language language) {
  const int number = *record.child.signal;
  const std::string who = noun(record, language);
  if (number != SIGKILL) {
    return plain(Status::crashed, say(language, messages::ended_by_signal, who,
                                      signal_name(number)));
  }
  if (!oom_kills_in(record)) {
    return plain(Status::killed, say(language, messages::killed_unproven, who,
                                     record.victim_absent_because.value_or(say(
                                         language, messages::not_looked_for))));
  }
  return plain(Status::killed, say(language, messages::killed_by_hand, who,
                                   *record.after.oom_kills));
}

std::optional<std::uint64_t> oom_kills_in(const RunRecord& record) {
  if (!record.before.oom_kills || !record.after.oom_kills) return std::nullopt;
  return rise(record.before.oom_kills, record.after.oom_kills);
}

Verdict analyze(const RunRecord& record, Language language) {
  if (record.scenario) return conclude_scenario(record);
  if (record.plan.run) return analyze_command(record, language);
  if (record.interrupted_by) {
    return plain(Status::interrupted, say(language, messages::interrupted,
                                          signal_name(*record.interrupted_by)));
  }
  if (record.deadline_passed && !was_killed_in_time(record)) {
    return plain(Status::deadline, say(language, messages::deadline,
                                       time_argument(record.plan.timeout),
                                       last_usage(record, language)));
  }
  if (is_proven_oom_kill(record)) return oom_verdict(record, language);
  if (was_refused(record)) return refused_verdict(record, language);
  if (record.child.signal) return signal_verdict(record, language);
  return exit_verdict(record, language);
}

}  // namespace lab
