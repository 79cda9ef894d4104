// SPDX-License-Identifier: MIT
#include "lab/verdict/analyze.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "lab/verdict/blame.h"
#include "lab/verdict/judge.h"
#include "lab/verdict/verdict_parts.h"

namespace lab {
namespace {

/// What the child is to its user.
Fact noun(const RunRecord& record) {
  return fact(is_command(record.plan) ? FactKind::the_command
                                      : FactKind::the_child);
}

Fact victim_name(const Victim& victim) {
  return fact(FactKind::process, victim.name, victim.pid);
}

/// What makes the kernel's log usable, by the errno text in `reason`.
FactKind cure_of(const Fact& reason) {
  if (reason.kind == FactKind::cgroup_renamed) return FactKind::repeat_run;
  if (reason.kind != FactKind::log_unreadable) return FactKind::enlarge_log;
  const auto* text = std::get_if<std::string>(&reason.values.front().value);
  const bool is_forbidden = text && (text->ends_with(std::strerror(EPERM)) ||
                                     text->ends_with(std::strerror(EACCES)));
  return is_forbidden ? FactKind::make_log_readable : FactKind::provide_log;
}

/// A number of bytes, or the kernel's word for no limit.
FactValue value_of(const Limit& limit) {
  if (limit.is_max()) return to_string(limit);
  return limit.bytes().count;
}

/// A newer kernel than this one would show ends that are not known.
bool may_show_more_ends(const RunRecord& record) {
  unsigned major = 0;
  unsigned minor = 0;
  std::sscanf(record.environment.kernel.c_str(), "%u.%u", &major, &minor);
  const auto& members = record.evidence.ledger.processes;
  return std::pair(major, minor) < std::pair(6U, 15U) &&
         std::any_of(members.begin(), members.end(),
                     [](const Member& member) { return !member.end_source; });
}

Status status_of(LimitOwner owner) {
  switch (owner) {
    case LimitOwner::ancestor:
      return Status::oom_killed_by_ancestor;
    case LimitOwner::descendant:
      return Status::oom_killed_by_descendant;
    case LimitOwner::host:
      return Status::oom_killed_by_host;
    case LimitOwner::own:
      return Status::oom_killed;
    case LimitOwner::unknown:
      return Status::oom_killed_by_unknown;
  }
  return Status::oom_killed_by_unknown;
}

/// Where others were inside, the counter says nothing of the main process.
bool is_proven_by_log(const RunRecord& record) {
  return main_victim(record) &&
         (oom_kills_in(record).value_or(0) == 0 || others_were_inside(record));
}

Fact proof_of_kill(const RunRecord& record) {
  if (is_proven_by_log(record)) return fact(FactKind::named_by_log);
  return fact(FactKind::proven_by_counter, rise_fact(record));
}

/// The first of the victims that the reason is about; nullptr when the log has
/// none.
const Victim* victim_of_reason(const RunRecord& record) {
  const Victim* const victim = main_victim(record);
  return victim ? victim : first_victim(record);
}

/// What ran out where no limit did; a cpuset or a memory policy binds a process
/// to some of the host's NUMA nodes (enum oom_constraint in linux/oom.h).
Fact exhausted(const Victim* victim) {
  return fact(!victim || victim->constraint == "CONSTRAINT_NONE"
                  ? FactKind::whole_host
                  : FactKind::numa_nodes);
}

/// The usage never came near the limit that was set and read again at the end:
/// there was another one meanwhile. Charges are batched.
bool was_lower(const RunRecord& record, const LimitRecord& limit) {
  constexpr Bytes batches{2 * mebi};
  return record.peak && record.peak->source != "samples" && limit.actual &&
         !limit.actual->is_max() &&
         record.peak->bytes.count + batches.count < limit.actual->bytes().count;
}

/// Which of two limits was in force at the kill is not known.
Fact own_limit_fact(const RunRecord& record) {
  const LimitRecord* const hard = hard_limit(record);
  if (!hard || !hard->actual) {
    return fact(FactKind::at_own_limit, fact(FactKind::unknown));
  }
  const FactValue first = value_of(*hard->actual);
  const Victim* const victim = main_victim(record);
  if (victim && victim->limit) {
    return *hard->actual == Limit::of(*victim->limit)
               ? fact(FactKind::at_own_limit, first)
               : fact(FactKind::at_own_other_limit, victim->limit->count,
                      first);
  }
  if (was_rewritten(*hard)) {
    return fact(FactKind::at_own_rewritten_limit, first,
                value_of(*hard->at_end));
  }
  return fact(was_lower(record, *hard) ? FactKind::at_own_lower_limit
                                       : FactKind::at_own_limit,
              first);
}

/// Of a path that the evidence may not have.
FactValue path_value(const Blame& blame) {
  if (!blame.path) return fact(FactKind::unknown);
  return *blame.path;
}

Fact blame_fact(const Blame& blame, const RunRecord& record,
                const Victim* victim) {
  switch (blame.owner) {
    case LimitOwner::own:
      return own_limit_fact(record);
    case LimitOwner::ancestor:
      return fact(FactKind::at_ancestor_limit, path_value(blame));
    case LimitOwner::descendant:
      return fact(FactKind::at_descendant_of_child, path_value(blame));
    case LimitOwner::host:
      return fact(FactKind::out_of_memory, exhausted(victim));
    case LimitOwner::unknown:
      return fact(FactKind::at_unknown_limit);
  }
  return fact(FactKind::at_unknown_limit);
}

/// The limit of the run's cgroup at a kill inside.
Fact run_limit_fact(const RunRecord& record, const Victim* victim) {
  if (victim && victim->limit) {
    return fact(FactKind::at_run_limit, victim->limit->count);
  }
  const LimitRecord* const hard = hard_limit(record);
  if (!hard || !hard->actual) {
    return fact(FactKind::at_run_limit, fact(FactKind::unknown));
  }
  return was_rewritten(*hard)
             ? fact(FactKind::at_run_rewritten_limit, value_of(*hard->actual),
                    value_of(*hard->at_end))
             : fact(was_lower(record, *hard) ? FactKind::at_run_lower_limit
                                             : FactKind::at_run_limit,
                    value_of(*hard->actual));
}

/// Where the limit of `path`, a descendant, is known.
FactValue limit_below(const RunRecord& record, const Victim* victim,
                      const std::string& path) {
  if (victim && victim->limit) return victim->limit->count;
  for (const Descendant& descendant : record.evidence.descendants) {
    if (descendant.path == path && descendant.max) {
      return value_of(*descendant.max);
    }
  }
  return fact(FactKind::unknown);
}

/// Of a kill inside; `victim` is nullptr where the log does not have it.
Fact inside_blame_fact(const Blame& blame, const RunRecord& record,
                       const Victim* victim) {
  if (blame.owner == LimitOwner::own) {
    return run_limit_fact(record, victim);
  }
  if (blame.owner != LimitOwner::descendant) {
    return blame_fact(blame, record, victim);
  }
  return blame.path ? fact(FactKind::at_descendant_limit, *blame.path,
                           limit_below(record, victim, *blame.path))
                    : fact(FactKind::at_some_descendant_limit);
}

/// Whose limit all kills inside were at.
Fact inside_limit_fact(const RunRecord& record) {
  return inside_blame_fact(blame(record), record, victim_of_reason(record));
}

/// All victims, and each one's limit where it is known and not the same.
Fact victims_with_limits(const RunRecord& record) {
  Fact same =
      fact(FactKind::pair, victims_fact(record), inside_limit_fact(record));
  if (blame(record).owner != LimitOwner::unknown) return same;
  Fact victims{FactKind::list, {}};
  for (const Victim& victim : record.evidence.victims) {
    const auto logged = logged_blame(record, victim);
    victims.values.emplace_back(
        logged ? fact(FactKind::victim_at, victim_name(victim),
                      inside_blame_fact(*logged, record, &victim))
               : victim_name(victim));
  }
  return victims.values.empty() ? same : victims;
}

/// How to have victims named that are not; nullopt where they are.
std::optional<Fact> naming_fact(const RunRecord& record) {
  if (!record.evidence.victims.empty()) return std::nullopt;
  const auto& reason = record.evidence.victims_absent_because;
  if (!reason) return std::nullopt;
  return fact(FactKind::to_name_victims,
              fact(record.evidence.kernel_log_complete ? FactKind::repeat_run
                                                       : cure_of(*reason)));
}

bool was_refused(const RunRecord& record) {
  return refused_limit(record) &&
         time_of(record, EventKind::limit_refused).has_value();
}

Verdict refused_verdict(const RunRecord& record) {
  const LimitRecord& limit = *refused_limit(record);
  return plain(Status::limit_refused,
               fact(FactKind::refused, limit.asked, limit.file, *limit.error));
}

/// A kill that was counted although the child lived hit something else.
Fact kills_of_others(const RunRecord& record) {
  if (kills_inside(record) == 0) return fact(FactKind::no_oom_kill);
  return fact(FactKind::another_killed, rise_fact(record),
              victims_fact(record));
}

/// A hog that asks for less than the limit is a control run.
Fact below_limit(const RunRecord& record) {
  return fact(*record.plan.total < record.plan.size() ? FactKind::below_limit
                                                      : FactKind::nothing);
}

Verdict exit_verdict(const RunRecord& record) {
  const std::optional<int>& code = main_process(record).exit_code;
  if (!code) {
    return plain(Status::child_failed, fact(FactKind::child_end_unknown));
  }
  if (*code != 0) {
    return plain(Status::child_failed, fact(FactKind::child_failed, *code));
  }
  return plain(
      Status::survived,
      fact(FactKind::survived, record.plan.total->count, below_limit(record),
           kills_of_others(record), last_usage(record)));
}

/// The end of a victim with much memory may take until after the deadline.
bool was_killed_in_time(const RunRecord& record) {
  const auto kill = time_of(record, EventKind::kill_seen);
  const auto deadline = time_of(record, EventKind::deadline);
  return kill && deadline && *kill < *deadline &&
         oom_kill_of_main(record) == Proof::proven;
}

std::optional<Fact> left_fact(const RunRecord& record) {
  if (!has_left(record)) return std::nullopt;
  return fact(FactKind::had_left, main_process(record).pid,
              *main_member(record)->left_for);
}

FactKind undetermined_because(const RunRecord& record) {
  if (has_left(record)) return FactKind::child_had_left;
  if (record.evidence.ledger.incomplete) return FactKind::members_unread;
  return FactKind::others_inside;
}

Fact counter_fact(const RunRecord& record) {
  return oom_kills_in(record)
             ? fact(FactKind::oom_kill_stayed, *record.evidence.after.oom_kills)
             : fact(FactKind::no_counter);
}

Verdict analyze_hog(const RunRecord& record) {
  if (record.evidence.interrupted_by) {
    return plain(Status::interrupted,
                 fact(FactKind::interrupted,
                      signal_name(*record.evidence.interrupted_by)),
                 kills_fact(record));
  }
  if (record.evidence.deadline_passed && !was_killed_in_time(record)) {
    return plain(Status::deadline,
                 fact(FactKind::deadline, time_argument(*record.plan.timeout),
                      last_usage(record)),
                 kills_fact(record));
  }
  if (was_killed_elsewhere(record)) return left_verdict(record);
  const Proof kill = oom_kill_of_main(record);
  if (kill == Proof::proven) return oom_verdict(record);
  if (main_process(record).signal == SIGKILL && kills_inside(record) > 0) {
    return kill == Proof::ruled_out ? inside_verdict(record)
                                    : undetermined_verdict(record);
  }
  if (was_refused(record)) return refused_verdict(record);
  if (has_left(record)) return left_verdict(record);
  if (main_process(record).signal) return signal_verdict(record);
  return exit_verdict(record);
}

/// What is known of OOM kills, whatever the status is.
std::optional<OomKill> oom_kill_in(const RunRecord& record, Status status) {
  if (!makes_claims(record) && oom_kill_of_main(record) == Proof::proven) {
    return OomKill::process;
  }
  if (kills_inside(record) > 0) return OomKill::inside;
  const bool is_known =
      counts_every_kill(record) && status != Status::killed_undetermined &&
      (makes_claims(record) || oom_kill_of_main(record) != Proof::undetermined);
  return is_known ? std::optional(OomKill::none) : std::nullopt;
}

}  // namespace

Fact victims_fact(const RunRecord& record) {
  const std::vector<Victim>& victims = record.evidence.victims;
  if (victims.empty()) {
    return fact(FactKind::victims_unknown,
                record.evidence.victims_absent_because.value_or(
                    fact(FactKind::not_looked_for)));
  }
  constexpr std::size_t most = 10;
  Fact list{FactKind::list, {}};
  for (std::size_t i = 0; i < std::min(most, victims.size()); ++i) {
    list.values.emplace_back(victim_name(victims[i]));
  }
  if (victims.size() > most) {
    list.values.emplace_back(fact(FactKind::and_more, victims.size() - most));
  }
  return list;
}

Fact rise_fact(const RunRecord& record) {
  if (oom_kills_in(record).value_or(0) > 0) {
    return fact(FactKind::oom_kill_rose, *record.evidence.before.oom_kills,
                *record.evidence.after.oom_kills);
  }
  return fact(first_victim(record) ? FactKind::log_names_kills
                                   : FactKind::counter_is_gone);
}

Verdict left_verdict(const RunRecord& record) {
  std::optional<Fact> killed;
  if (was_killed_elsewhere(record)) {
    killed = fact(FactKind::killed_elsewhere, noun(record),
                  *main_victim(record)->task_memcg);
  }
  return plain(Status::left,
               fact(FactKind::left_its_cgroup, noun(record),
                    end_of_child(record), last_usage(record)),
               std::move(killed));
}

std::optional<Fact> kills_fact(const RunRecord& record) {
  const std::uint64_t kills = kills_inside(record);
  if (kills == 0) return std::nullopt;
  // Of an experiment with several cgroups none is the run's own.
  return fact(FactKind::kills_counted, kills,
              makes_claims(record) ? victims_fact(record)
                                   : victims_with_limits(record));
}

Verdict oom_verdict(const RunRecord& record) {
  const Blame found = blame(record);
  return plain(status_of(found.owner),
               fact(FactKind::oom_killed, noun(record),
                    blame_fact(found, record, victim_of_reason(record)),
                    proof_of_kill(record)));
}

Verdict inside_verdict(const RunRecord& record) {
  const std::uint64_t kills = kills_inside(record);
  return plain(
      Status::oom_killed_inside,
      fact(FactKind::killed_inside,
           kills == 1 ? fact(FactKind::one_process)
                      : fact(FactKind::processes, kills),
           noun(record), victims_with_limits(record), rise_fact(record),
           end_of_child(record), last_usage(record)),
      naming_fact(record));
}

Fact missing_evidence(const RunRecord& record) {
  if (!record.environment.initial_pid_namespace) {
    return fact(FactKind::log_of_other_namespace);
  }
  if (log_names_all(record)) return fact(FactKind::log_unclear);
  if (record.evidence.kernel_log_complete) {
    return fact(FactKind::log_incomplete, fact(FactKind::log_has_fewer),
                fact(FactKind::repeat_run));
  }
  const Fact reason = record.evidence.victims_absent_because.value_or(
      fact(FactKind::log_records_lost));
  const Fact cure =
      fact(FactKind::log_incomplete, reason, fact(cure_of(reason)));
  return may_show_more_ends(record)
             ? fact(FactKind::sentences, cure, fact(FactKind::newer_kernel))
             : cure;
}

std::optional<Fact> unknown_kills_fact(const RunRecord& record) {
  if (kills_inside(record) > 0 || counts_every_kill(record)) {
    return std::nullopt;
  }
  if (!oom_kills_in(record)) return std::nullopt;
  return fact(FactKind::kills_unknown, log_names_all(record)
                                           ? fact(FactKind::log_lacks_cgroups)
                                           : missing_evidence(record));
}

Verdict plain(Status status, Fact reason, std::optional<Fact> more) {
  Verdict verdict;
  verdict.status = status;
  verdict.reason.push_back(std::move(reason));
  if (more) verdict.reason.push_back(*std::move(more));
  return verdict;
}

Fact end_of_child(const RunRecord& record) {
  const ProcessRecord& child = main_process(record);
  if (child.signal) {
    return fact(FactKind::ended_by, signal_name(*child.signal));
  }
  if (child.exit_code) {
    return fact(FactKind::exited_with, *child.exit_code);
  }
  return fact(FactKind::end_unknown);
}

Fact last_usage(const RunRecord& record) {
  return record.peak ? fact(FactKind::peak_was, record.peak->bytes.count)
                     : fact(FactKind::peak_unknown);
}

Verdict undetermined_verdict(const RunRecord& record) {
  return plain(
      Status::oom_killed_undetermined,
      fact(FactKind::victim_undetermined, noun(record),
           inside_limit_fact(record), rise_fact(record),
           fact(undetermined_because(record)), missing_evidence(record)));
}

Verdict signal_verdict(const RunRecord& record) {
  const int number = *main_process(record).signal;
  const Fact who = noun(record);
  if (number != SIGKILL) {
    return plain(Status::crashed,
                 fact(FactKind::ended_by_signal, who, signal_name(number)),
                 kills_fact(record));
  }
  if (oom_kill_of_main(record) == Proof::undetermined) {
    return plain(Status::killed_undetermined,
                 fact(FactKind::killer_undetermined, who, counter_fact(record),
                      missing_evidence(record)));
  }
  const bool by_counter =
      oom_kills_in(record) == std::uint64_t{0} && kills_inside(record) == 0;
  return plain(Status::killed,
               fact(FactKind::killed_by_another, who,
                    by_counter ? counter_fact(record)
                               : fact(FactKind::log_does_not_name)),
               kills_fact(record));
}

/// Where the victim of the kernel log decided on the owner of the limit: a log
/// with fewer kills than were counted does not.
const Victim* deciding_victim(const RunRecord& record, const Blame& found) {
  if (found.owner == LimitOwner::host || found.owner == LimitOwner::unknown) {
    return nullptr;
  }
  const Victim* const main = main_victim(record);
  const bool is_complete =
      record.evidence.victims.size() >= oom_kills_in(record).value_or(0);
  return main || !is_complete ? main : first_victim(record);
}

void add_limit_owner(const RunRecord& record, Verdict& verdict) {
  Blame found = blame(record);
  const Victim* const victim = deciding_victim(record, found);
  if (victim) verdict.oom_memcg = victim->oom_memcg;
  verdict.limit_owner = found.owner;
  verdict.limit_owner_path = std::move(found.path);
}

/// When, and with which signal, the victim was reaped, and what is seen then.
std::optional<Fact> reaped_fact(const RunRecord& record) {
  const auto time = time_of(record, EventKind::reaped);
  if (!time || *time < 0) return std::nullopt;
  const std::string when = human_ms(nanoseconds(*time));
  const std::string signal = signal_name(*main_process(record).signal);
  if (is_proven_by_log(record) || !oom_kills_in(record)) {
    return fact(FactKind::reaped_and_logged, noun(record), when, signal);
  }
  return fact(FactKind::reaped_and_counted, noun(record), when, signal,
              *record.evidence.before.oom_kills,
              *record.evidence.after.oom_kills);
}

/// Of a proven OOM kill of the main process.
std::vector<Fact> proof_of(const RunRecord& record,
                           std::optional<LimitOwner> owner) {
  std::vector<Fact> proof;
  // What a command allocates is not known.
  if (!is_command(record.plan) && owner == LimitOwner::own &&
      record.plan.swap == Limit::of(Bytes{0})) {
    proof.push_back(fact(FactKind::nothing_to_reclaim));
  }
  const auto& reason = record.evidence.victims_absent_because;
  if (const Victim* const victim = main_victim(record)) {
    proof.push_back(fact(FactKind::victim_named, victim_name(*victim)));
  } else if (reason) {
    proof.push_back(fact(FactKind::log_has_no_victim, *reason));
  }
  // At the limit of an ancestor, or of the host, others could be chosen.
  if (owner == LimitOwner::own && !others_were_inside(record)) {
    proof.push_back(fact(FactKind::was_alone));
  }
  if (auto reaped = reaped_fact(record)) proof.push_back(*std::move(reaped));
  return proof;
}

Verdict analyze(const RunRecord& record) {
  const bool by_claims = makes_claims(record);
  Verdict verdict = by_claims                 ? conclude_claims(record)
                    : is_command(record.plan) ? analyze_command(record)
                                              : analyze_hog(record);
  verdict.oom_kill = oom_kill_in(record, verdict.status);
  verdict.findings = findings(record);
  if (by_claims) {
    verdict.claims = record.verdict.claims;
    return verdict;
  }
  if (verdict.oom_kill && verdict.oom_kill != OomKill::none) {
    add_limit_owner(record, verdict);
  }
  if (verdict.oom_kill == OomKill::process) {
    verdict.proof = proof_of(record, verdict.limit_owner);
  }
  if (auto left = left_fact(record)) {
    verdict.reason.push_back(*std::move(left));
  }
  auto unknown = unknown_kills_fact(record);
  if (unknown && verdict.status != Status::killed_undetermined) {
    verdict.reason.push_back(*std::move(unknown));
  }
  return verdict;
}

}  // namespace lab
