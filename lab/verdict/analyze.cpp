// SPDX-License-Identifier: MIT
#include "lab/verdict/analyze.h"

#include <signal.h>

#include <algorithm>
#include <string>

#include "lab/place/kernel_name.h"
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

bool was_sigkilled(const RunRecord& record) {
  return main_process(record).signal == SIGKILL;
}

std::uint64_t logged_kills(const RunRecord& record) {
  return record.evidence.victims.size();
}

/// The first of a group that dies together (memory.oom.group) is counted twice.
std::uint64_t counted_kills(const RunRecord& record) {
  const std::uint64_t kills = oom_kills_in(record).value_or(0);
  const auto& before = record.evidence.before.events;
  const auto& after = record.evidence.after.events;
  if (!before || !after) return kills;
  return kills -
         std::min(kills, rise(before->oom_group_kill, after->oom_group_kill));
}

/// "Killed process" is never rate-limited: a log that lost nothing names every
/// victim, by its pid.
bool log_names_all(const RunRecord& record) {
  return record.evidence.kernel_log_complete &&
         record.environment.initial_pid_namespace &&
         logged_kills(record) >= counted_kills(record);
}

/// Nothing shows that any other process was ever inside, or the child outside.
bool is_only_the_child_known(const RunRecord& record) {
  const Victim* const victim = first_victim(record);
  const bool victim_is_another = victim &&
                                 record.environment.initial_pid_namespace &&
                                 victim->pid != main_process(record).pid;
  return record.evidence.membership &&
         !record.evidence.membership->others_seen &&
         !record.evidence.membership->unread &&
         !record.evidence.membership->child_left_for && !victim_is_another &&
         kills_inside(record) <= 1;
}

std::string victim_name(const Victim& victim, Language language) {
  return say(language, messages::victim_named, victim.name, victim.pid);
}

/// Which evidence would single the victim out.
std::string missing_evidence(const RunRecord& record, Language language) {
  if (!record.environment.initial_pid_namespace) {
    return say(language, messages::log_of_other_namespace);
  }
  return say(language, messages::log_incomplete,
             record.evidence.kernel_log_complete
                 ? say(language, messages::log_names_fewer)
                 : record.evidence.victims_absent_because.value_or(
                       say(language, messages::log_lost_records)));
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
  if (log_names_child(record) && oom_kills_in(record).value_or(0) == 0) {
    return say(language, messages::proof_by_log);
  }
  return say(language, messages::proof_by_counter, rise_text(record, language));
}

/// What ran out where no limit did; a cpuset or a memory policy binds a process
/// to some of the host's NUMA nodes (enum oom_constraint in linux/oom.h).
std::string exhausted(const RunRecord& record, Language language) {
  return say(language, first_victim(record)->constraint == "CONSTRAINT_NONE"
                           ? messages::whole_host
                           : messages::memory_nodes);
}

/// Which of two limits was in force at the kill is not known.
std::string own_limit_text(const RunRecord& record, Language language) {
  const LimitRecord* const hard = hard_limit(record);
  if (!hard || !hard->actual) {
    return say(language, messages::at_own_limit,
               say(language, messages::unknown));
  }
  const std::string first = to_string(*hard->actual);
  const Victim* const victim = first_victim(record);
  if (log_names_child(record) && victim->limit) {
    const std::string then = std::to_string(victim->limit->count);
    return then == first
               ? say(language, messages::at_own_limit, first)
               : say(language, messages::at_own_other_limit, then, first);
  }
  if (was_rewritten(*hard)) {
    return say(language, messages::at_own_rewritten_limit,
               to_string(*hard->actual), to_string(*hard->at_end));
  }
  return say(language, messages::at_own_limit, to_string(*hard->actual));
}

std::string blame_text(const Blame& blame, const RunRecord& record,
                       Language language) {
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
      return say(language, messages::by_host, exhausted(record, language));
    case LimitOwner::unknown:
      return say(language, messages::by_unknown_limit);
  }
  return "";
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
std::string kills_beside(const RunRecord& record, Language language) {
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
          below_limit(record, language), kills_beside(record, language),
          last_usage(record, language)));
}

/// The end of a victim with much memory may take until after the deadline.
bool was_killed_in_time(const RunRecord& record) {
  const auto kill = time_of(record, EventKind::kill_seen);
  const auto deadline = time_of(record, EventKind::deadline);
  return kill && deadline && *kill < *deadline &&
         oom_kill_of_child(record) == OomKill::proven;
}

std::string left_text(const RunRecord& record, Language language) {
  if (!has_left(record)) return "";
  return say(language, messages::had_left, main_process(record).pid,
             *record.evidence.membership->child_left_for);
}

const Message& undetermined_because(const RunRecord& record) {
  if (has_left(record)) return messages::child_had_left;
  if (!record.evidence.membership || record.evidence.membership->unread) {
    return messages::members_unread;
  }
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
  const OomKill kill = oom_kill_of_child(record);
  if (kill == OomKill::proven) return oom_verdict(record, language);
  if (kill == OomKill::undetermined && kills_inside(record) > 0) {
    return undetermined_verdict(record, language);
  }
  if (was_refused(record)) return refused_verdict(record, language);
  if (has_left(record)) return left_verdict(record, language);
  if (main_process(record).signal) return signal_verdict(record, language);
  return exit_verdict(record, language);
}

}  // namespace

std::uint64_t rise(const std::optional<std::uint64_t>& before,
                   const std::optional<std::uint64_t>& after) {
  if (!before || !after) return 0;
  return *after - std::min(*before, *after);
}

bool log_names_child(const RunRecord& record) {
  const Victim* const victim = first_victim(record);
  return victim && record.environment.initial_pid_namespace &&
         victim->pid == main_process(record).pid;
}

std::uint64_t kills_inside(const RunRecord& record) {
  const std::uint64_t seen = time_of(record, EventKind::kill_seen) ? 1 : 0;
  return std::max({counted_kills(record), logged_kills(record), seen});
}

OomKill oom_kill_of_child(const RunRecord& record) {
  if (!was_sigkilled(record)) return OomKill::ruled_out;
  if (log_names_child(record)) return OomKill::proven;
  if (log_names_all(record)) return OomKill::ruled_out;
  if (kills_inside(record) > 0) {
    return is_only_the_child_known(record) ? OomKill::proven
                                           : OomKill::undetermined;
  }
  // The counter is that of the cgroup in which a process is at its end, and on
  // v1 goes with it.
  return oom_kills_in(record) && record.evidence.membership &&
                 record.evidence.membership->child_inside
             ? OomKill::ruled_out
             : OomKill::undetermined;
}

std::string victims_text(const RunRecord& record, Language language) {
  const std::vector<Victim>& victims = record.evidence.victims;
  if (victims.empty()) {
    return say(language, messages::victims_unknown,
               record.evidence.victims_absent_because.value_or(
                   say(language, messages::not_looked_for)));
  }
  constexpr std::size_t most = 4;
  std::string text = victim_name(victims.front(), language);
  for (std::size_t i = 1; i < victims.size(); ++i) {
    if (i == most) return text + ", ...";
    text += ", " + victim_name(victims[i], language);
  }
  return text;
}

bool has_left(const RunRecord& record) {
  return record.evidence.membership &&
         record.evidence.membership->child_left_for;
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

bool was_killed_elsewhere(const RunRecord& record) {
  const Victim* const victim = first_victim(record);
  if (!log_names_child(record) || !victim->task_memcg) return false;
  const std::string top = own_name(record);
  return !is_in_cgroup(*victim->task_memcg, top.substr(top.rfind('/')));
}

Verdict left_verdict(const RunRecord& record, Language language) {
  const std::string killed =
      was_killed_elsewhere(record)
          ? say(language, messages::killed_elsewhere, noun(record, language),
                *first_victim(record)->task_memcg)
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
  return say(language, messages::kills_counted, kills,
             victims_text(record, language));
}

Verdict oom_verdict(const RunRecord& record, Language language) {
  const Blame found = blame(record);
  return {
      status_of(found.owner),
      say(language, messages::oom_killed, noun(record, language),
          blame_text(found, record, language), proof_of_kill(record, language)),
      found.owner,
      found.path,
      {}};
}

Verdict plain(Status status, std::string reason) {
  return {status, std::move(reason), std::nullopt, std::nullopt, {}};
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
  return plain(Status::oom_killed_undetermined,
               say(language, messages::victim_undetermined,
                   noun(record, language), rise_text(record, language),
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
  if (oom_kill_of_child(record) == OomKill::undetermined) {
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
  if (makes_claims(record)) {
    Verdict verdict = conclude_claims(record);
    verdict.claims = record.verdict.claims;
    return verdict;
  }
  Verdict verdict = is_command(record.plan) ? analyze_command(record, language)
                                            : analyze_hog(record, language);
  verdict.reason += left_text(record, language);
  return verdict;
}

}  // namespace lab
