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

#include "lab/base/visible.h"
#include "lab/verdict/blame.h"
#include "lab/verdict/judge.h"
#include "lab/verdict/verdict_messages.h"
#include "lab/verdict/verdict_parts.h"

namespace lab {
namespace {

namespace messages = verdict_messages;

/// What the child is to its user.
std::string noun(const RunRecord& record, Language language) {
  return say(language, is_command(record.plan) ? messages::the_command
                                               : messages::the_child);
}

std::string victim_name(const Victim& victim, Language language) {
  return say(language, messages::victim_named, victim.name, victim.pid);
}

/// What makes the kernel's log usable, by errno's words in `reason`.
const Message& cure_of(std::string_view reason) {
  if (reason.ends_with(std::strerror(EPERM)) ||
      reason.ends_with(std::strerror(EACCES))) {
    return messages::make_log_readable;
  }
  return reason.starts_with("/dev/kmsg: ") ? messages::provide_log
                                           : messages::enlarge_log;
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

std::string proof_of_kill(const RunRecord& record, Language language) {
  // Where others were inside the counter says nothing of this process.
  const bool by_log =
      main_victim(record) &&
      (oom_kills_in(record).value_or(0) == 0 || others_were_inside(record));
  if (by_log) return say(language, messages::proof_by_log);
  return say(language, messages::proof_by_counter, rise_text(record, language));
}

/// The first of the victims that the reason is about; nullptr when the log has
/// none.
const Victim* victim_of_reason(const RunRecord& record) {
  const Victim* const victim = main_victim(record);
  return victim ? victim : first_victim(record);
}

/// What ran out where no limit did; a cpuset or a memory policy binds a process
/// to some of the host's NUMA nodes (enum oom_constraint in linux/oom.h).
std::string exhausted(const Victim* victim, Language language) {
  return say(language, !victim || victim->constraint == "CONSTRAINT_NONE"
                           ? messages::whole_host
                           : messages::memory_nodes);
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
std::string own_limit_text(const RunRecord& record, Language language) {
  const LimitRecord* const hard = hard_limit(record);
  if (!hard || !hard->actual) {
    return say(language, messages::at_own_limit,
               say(language, messages::unknown));
  }
  const std::string first = to_string(*hard->actual);
  const Victim* const victim = main_victim(record);
  if (victim && victim->limit) {
    const std::string then = std::to_string(victim->limit->count);
    return then == first
               ? say(language, messages::at_own_limit, first)
               : say(language, messages::at_own_other_limit, then, first);
  }
  if (was_rewritten(*hard)) {
    return say(language, messages::at_own_rewritten_limit,
               to_string(*hard->actual), to_string(*hard->at_end));
  }
  return say(language,
             was_lower(record, *hard) ? messages::at_own_lower_limit
                                      : messages::at_own_limit,
             to_string(*hard->actual));
}

std::string blame_text(const Blame& blame, const RunRecord& record,
                       const Victim* victim, Language language) {
  const std::string unknown = say(language, messages::unknown);
  switch (blame.owner) {
    case LimitOwner::own:
      return own_limit_text(record, language);
    case LimitOwner::ancestor:
      return say(language, messages::at_limit_above,
                 blame.path.value_or(unknown));
    case LimitOwner::descendant:
      return say(language, messages::at_limit_below,
                 blame.path.value_or(unknown));
    case LimitOwner::host:
      return say(language, messages::by_host, exhausted(victim, language));
    case LimitOwner::unknown:
      return say(language, messages::by_unknown_limit);
  }
  return "";
}

/// The limit of the run's cgroup at a kill inside.
std::string run_limit_text(const RunRecord& record, const Victim* victim,
                           Language language) {
  if (victim && victim->limit) {
    return say(language, messages::at_run_limit, victim->limit->count);
  }
  const LimitRecord* const hard = hard_limit(record);
  if (!hard || !hard->actual) {
    return say(language, messages::at_run_limit,
               say(language, messages::unknown));
  }
  return was_rewritten(*hard)
             ? say(language, messages::at_run_rewritten_limit,
                   to_string(*hard->actual), to_string(*hard->at_end))
             : say(language,
                   was_lower(record, *hard) ? messages::at_run_lower_limit
                                            : messages::at_run_limit,
                   to_string(*hard->actual));
}

/// Where the limit of `path`, a descendant, is known.
std::string limit_below(const RunRecord& record, const Victim* victim,
                        const std::string& path, Language language) {
  if (victim && victim->limit) return std::to_string(victim->limit->count);
  for (const Descendant& descendant : record.evidence.descendants) {
    if (descendant.path == path && descendant.max) {
      return to_string(*descendant.max);
    }
  }
  return say(language, messages::unknown);
}

/// Of a kill inside; `victim` is nullptr where the log does not have it.
std::string inside_blame_text(const Blame& blame, const RunRecord& record,
                              const Victim* victim, Language language) {
  if (blame.owner == LimitOwner::own) {
    return run_limit_text(record, victim, language);
  }
  if (blame.owner != LimitOwner::descendant) {
    return blame_text(blame, record, victim, language);
  }
  return blame.path ? say(language, messages::at_descendant_limit, *blame.path,
                          limit_below(record, victim, *blame.path, language))
                    : say(language, messages::at_some_descendant_limit);
}

/// Whose limit all kills inside were at.
std::string inside_limit_text(const RunRecord& record, Language language) {
  return inside_blame_text(blame(record), record, victim_of_reason(record),
                           language);
}

/// All victims, and each one's limit where it is known and not the same.
std::string victims_with_limits(const RunRecord& record, Language language) {
  if (blame(record).owner != LimitOwner::unknown) {
    return fmt::format("{}, {}", victims_text(record, language),
                       inside_limit_text(record, language));
  }
  std::string text;
  for (const Victim& victim : record.evidence.victims) {
    const auto logged = logged_blame(record, victim);
    if (!text.empty()) text += ", ";
    text += logged ? say(language, messages::victim_at,
                         victim_name(victim, language),
                         inside_blame_text(*logged, record, &victim, language))
                   : victim_name(victim, language);
  }
  return text.empty() ? fmt::format("{}, {}", victims_text(record, language),
                                    inside_limit_text(record, language))
                      : text;
}

/// How to have victims named that are not; empty where there is nothing to say.
std::string naming_text(const RunRecord& record, Language language) {
  if (!record.evidence.victims.empty()) return "";
  const auto& reason = record.evidence.victims_absent_because;
  if (!reason) return "";
  return say(
      language, messages::to_name_victims,
      say(language, record.evidence.kernel_log_complete ? messages::repeat_run
                                                        : cure_of(*reason)));
}

bool was_refused(const RunRecord& record) {
  return refused_limit(record) &&
         time_of(record, EventKind::limit_refused).has_value();
}

Verdict refused_verdict(const RunRecord& record, Language language) {
  const LimitRecord& limit = *refused_limit(record);
  return plain(
      Status::limit_refused,
      say(language, messages::refused, limit.asked, limit.file, *limit.error));
}

/// A kill that was counted although the child lived hit something else.
std::string kills_of_others(const RunRecord& record, Language language) {
  if (kills_inside(record) == 0) return say(language, messages::no_oom_kill);
  return say(language, messages::another_killed, rise_text(record, language),
             victims_text(record, language));
}

/// A hog that asks for less than the limit is a control run.
std::string below_limit(const RunRecord& record, Language language) {
  return *record.plan.total < record.plan.size()
             ? say(language, messages::below_limit)
             : "";
}

Verdict exit_verdict(const RunRecord& record, Language language) {
  const std::optional<int>& code = main_process(record).exit_code;
  if (!code) {
    return plain(Status::child_failed, say(language, messages::end_unknown));
  }
  if (*code != 0) {
    return plain(Status::child_failed, say(language, messages::failed, *code));
  }
  return plain(
      Status::survived,
      say(language, messages::survived, record.plan.total->count,
          below_limit(record, language), kills_of_others(record, language),
          last_usage(record, language)));
}

/// The end of a victim with much memory may take until after the deadline.
bool was_killed_in_time(const RunRecord& record) {
  const auto kill = time_of(record, EventKind::kill_seen);
  const auto deadline = time_of(record, EventKind::deadline);
  return kill && deadline && *kill < *deadline &&
         oom_kill_of_main(record) == Proof::proven;
}

std::string left_text(const RunRecord& record, Language language) {
  if (!has_left(record)) return "";
  return say(language, messages::had_left, main_process(record).pid,
             visible_line(*main_member(record)->left_for));
}

const Message& undetermined_because(const RunRecord& record) {
  if (has_left(record)) return messages::child_had_left;
  if (record.evidence.ledger.incomplete) return messages::members_unread;
  return messages::others_inside;
}

std::string counter_text(const RunRecord& record, Language language) {
  return oom_kills_in(record) ? say(language, messages::oom_kill_stayed,
                                    *record.evidence.after.oom_kills)
                              : say(language, messages::no_counter);
}

Verdict analyze_hog(const RunRecord& record, Language language) {
  if (record.evidence.interrupted_by) {
    return plain(Status::interrupted,
                 say(language, messages::interrupted,
                     signal_name(*record.evidence.interrupted_by)) +
                     kills_text(record, language));
  }
  if (record.evidence.deadline_passed && !was_killed_in_time(record)) {
    return plain(Status::deadline, say(language, messages::deadline,
                                       time_argument(*record.plan.timeout),
                                       last_usage(record, language)) +
                                       kills_text(record, language));
  }
  if (was_killed_elsewhere(record)) return left_verdict(record, language);
  const Proof kill = oom_kill_of_main(record);
  if (kill == Proof::proven) return oom_verdict(record, language);
  if (main_process(record).signal == SIGKILL && kills_inside(record) > 0) {
    return kill == Proof::ruled_out ? inside_verdict(record, language)
                                    : undetermined_verdict(record, language);
  }
  if (was_refused(record)) return refused_verdict(record, language);
  if (has_left(record)) return left_verdict(record, language);
  if (main_process(record).signal) return signal_verdict(record, language);
  return exit_verdict(record, language);
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

std::string victims_text(const RunRecord& record, Language language) {
  const std::vector<Victim>& victims = record.evidence.victims;
  if (victims.empty()) {
    return say(language, messages::victims_unknown,
               record.evidence.victims_absent_because.value_or(
                   say(language, messages::not_looked_for)));
  }
  constexpr std::size_t most = 10;
  std::string text = victim_name(victims.front(), language);
  for (std::size_t i = 1; i < std::min(most, victims.size()); ++i) {
    text += ", " + victim_name(victims[i], language);
  }
  if (victims.size() <= most) return text;
  return fmt::format("{}, {}", text,
                     say(language, messages::and_more, victims.size() - most));
}

std::string rise_text(const RunRecord& record, Language language) {
  if (oom_kills_in(record).value_or(0) > 0) {
    return say(language, messages::oom_kill_rose,
               *record.evidence.before.oom_kills,
               *record.evidence.after.oom_kills);
  }
  return say(language, first_victim(record) ? messages::log_names_kills
                                            : messages::counter_is_gone);
}

Verdict left_verdict(const RunRecord& record, Language language) {
  const std::string killed =
      was_killed_elsewhere(record)
          ? say(language, messages::killed_elsewhere, noun(record, language),
                *main_victim(record)->task_memcg)
          : "";
  return plain(
      Status::left,
      say(language, messages::left_its_cgroup, noun(record, language),
          end_of_child(record, language), last_usage(record, language)) +
          killed);
}

std::string kills_text(const RunRecord& record, Language language) {
  const std::uint64_t kills = kills_inside(record);
  if (kills == 0) return "";
  // Of an experiment with several cgroups none is the run's own.
  return say(language, messages::kills_counted, kills,
             makes_claims(record) ? victims_text(record, language)
                                  : victims_with_limits(record, language));
}

Verdict oom_verdict(const RunRecord& record, Language language) {
  const Blame found = blame(record);
  return plain(
      status_of(found.owner),
      say(language, messages::oom_killed, noun(record, language),
          blame_text(found, record, victim_of_reason(record), language),
          proof_of_kill(record, language)));
}

Verdict inside_verdict(const RunRecord& record, Language language) {
  const std::uint64_t kills = kills_inside(record);
  return plain(
      Status::oom_killed_inside,
      say(language, messages::killed_inside,
          kills == 1 ? say(language, messages::one_process)
                     : say(language, messages::processes, kills),
          noun(record, language), victims_with_limits(record, language),
          rise_text(record, language), end_of_child(record, language),
          last_usage(record, language)) +
          naming_text(record, language));
}

std::string missing_evidence(const RunRecord& record, Language language) {
  if (!record.environment.initial_pid_namespace) {
    return say(language, messages::log_of_other_namespace);
  }
  if (log_names_all(record)) return say(language, messages::log_unclear);
  if (record.evidence.kernel_log_complete) {
    return say(language, messages::log_incomplete,
               say(language, messages::log_names_fewer),
               say(language, messages::repeat_run));
  }
  const std::string reason = record.evidence.victims_absent_because.value_or(
      say(language, messages::log_lost_records));
  return say(language, messages::log_incomplete, reason,
             say(language, cure_of(reason))) +
         (may_show_more_ends(record) ? say(language, messages::newer_kernel)
                                     : "");
}

std::string unknown_kills_text(const RunRecord& record, Language language) {
  if (kills_inside(record) > 0 || counts_every_kill(record)) return "";
  if (!oom_kills_in(record)) return "";
  return say(language, messages::kills_unknown,
             log_names_all(record) ? say(language, messages::log_lacks_cgroups)
                                   : missing_evidence(record, language));
}

Verdict plain(Status status, std::string reason) {
  Verdict verdict;
  verdict.status = status;
  verdict.reason = std::move(reason);
  return verdict;
}

std::string end_of_child(const RunRecord& record, Language language) {
  const ProcessRecord& child = main_process(record);
  if (child.signal) {
    return say(language, messages::command_signalled,
               signal_name(*child.signal));
  }
  if (child.exit_code) {
    return say(language, messages::command_exited, *child.exit_code);
  }
  return say(language, messages::command_unknown);
}

std::string last_usage(const RunRecord& record, Language language) {
  return record.peak
             ? say(language, messages::peak_was, record.peak->bytes.count)
             : say(language, messages::peak_unknown);
}

Verdict undetermined_verdict(const RunRecord& record, Language language) {
  return plain(
      Status::oom_killed_undetermined,
      say(language, messages::victim_undetermined, noun(record, language),
          inside_limit_text(record, language), rise_text(record, language),
          say(language, undetermined_because(record)),
          missing_evidence(record, language)));
}

Verdict signal_verdict(const RunRecord& record, Language language) {
  const int number = *main_process(record).signal;
  const std::string who = noun(record, language);
  if (number != SIGKILL) {
    return plain(Status::crashed, say(language, messages::ended_by_signal, who,
                                      signal_name(number)) +
                                      kills_text(record, language));
  }
  if (oom_kill_of_main(record) == Proof::undetermined) {
    return plain(Status::killed_undetermined,
                 say(language, messages::killer_undetermined, who,
                     counter_text(record, language),
                     missing_evidence(record, language)));
  }
  const bool by_counter =
      oom_kills_in(record) == std::uint64_t{0} && kills_inside(record) == 0;
  return plain(Status::killed,
               say(language, messages::killed_by_another, who,
                   by_counter ? counter_text(record, language)
                              : say(language, messages::log_does_not_name)) +
                   kills_text(record, language));
}

Verdict analyze(const RunRecord& record, Language language) {
  const bool by_claims = makes_claims(record);
  Verdict verdict = by_claims ? conclude_claims(record)
                    : is_command(record.plan)
                        ? analyze_command(record, language)
                        : analyze_hog(record, language);
  verdict.oom_kill = oom_kill_in(record, verdict.status);
  verdict.findings = findings(record, language);
  if (by_claims) {
    verdict.claims = record.verdict.claims;
    return verdict;
  }
  if (verdict.oom_kill && verdict.oom_kill != OomKill::none) {
    Blame found = blame(record);
    verdict.limit_owner = found.owner;
    verdict.limit_owner_path = std::move(found.path);
  }
  verdict.reason += left_text(record, language);
  if (verdict.status != Status::killed_undetermined) {
    verdict.reason += unknown_kills_text(record, language);
  }
  return verdict;
}

}  // namespace lab
