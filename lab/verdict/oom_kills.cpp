// SPDX-License-Identifier: MIT
#include "lab/verdict/oom_kills.h"

#include <algorithm>
#include <csignal>

#include "lab/place/kernel_name.h"
#include "lab/verdict/blame.h"

namespace lab {
namespace {

enum class Match { is, may_be, is_not };

template <typename Items, typename Predicate>
std::uint64_t count_if(const Items& items, const Predicate& predicate) {
  return static_cast<std::uint64_t>(
      std::count_if(items.begin(), items.end(), predicate));
}

/// Whether a victim of the log's is the process of `pid`, or was killed with it
/// as it had its memory: the kernel logs and counts only one of those. Names
/// are as long as the kernel's (TASK_COMM_LEN) and do not change once a process
/// was killed.
Match match(const RunRecord& record, const Victim& victim, pid_t pid) {
  const Member* const member = member_of(record, pid);
  const bool same_name =
      !member || member->name.empty() || member->name == victim.name;
  // Pids of the initial namespace cannot be translated into another one.
  if (!record.environment.initial_pid_namespace) {
    return same_name ? Match::may_be : Match::is_not;
  }
  if (victim.pid == pid) return Match::is;
  const Member* const other = member_of(record, victim.pid);
  if (!other && member && !member->threads.empty()) {
    const auto& threads = member->threads;
    const bool is_thread =
        std::find(threads.begin(), threads.end(), victim.pid) != threads.end();
    if (is_thread) return Match::is;
    return same_name ? Match::may_be : Match::is_not;
  }
  if (!other || pid != main_process(record).pid) return Match::is_not;
  // By exec it has got another memory since that reading.
  if (other->name != victim.name) return Match::is_not;
  if (other->shares_memory) {
    return *other->shares_memory ? Match::is : Match::is_not;
  }
  return same_name ? Match::may_be : Match::is_not;
}

/// The log's victims that match the process of `pid` so.
std::uint64_t matches(const RunRecord& record, pid_t pid, Match wanted) {
  const auto is_wanted = [&](const Victim& victim) {
    return match(record, victim, pid) == wanted;
  };
  return count_if(record.evidence.victims, is_wanted) +
         count_if(record.evidence.unplaced_victims, is_wanted);
}

/// The first of a group that dies together (memory.oom.group) is counted twice,
/// unless it was quick to end.
std::uint64_t group_kills(const RunRecord& record) {
  const auto& before = record.evidence.before.events;
  const auto& after = record.evidence.after.events;
  if (!before || !after) return 0;
  return rise(before->oom_group_kill, after->oom_group_kill);
}

std::uint64_t kills_since_start(const RunRecord& record,
                                const std::optional<std::uint64_t>& count) {
  return rise(record.evidence.before.oom_kills, count);
}

/// The least number of processes that were killed, by the counter.
std::uint64_t counted_kills(const RunRecord& record) {
  const std::uint64_t kills =
      std::max(oom_kills_in(record).value_or(0),
               kills_since_start(record, record.evidence.ledger.most_kills));
  return kills - std::min(kills, group_kills(record));
}

/// "Killed process" is never rate-limited: a log that lost nothing names every
/// victim.
bool log_names_all(const RunRecord& record) {
  return record.evidence.kernel_log_complete &&
         record.evidence.victims.size() +
                 record.evidence.unplaced_victims.size() >=
             counted_kills(record);
}

/// The main process was killed by a kill of the group that it was in: on v2 by
/// the counter of its own cgroup, where no kill came after its end. Only one
/// that is protected outlives that.
bool died_with_group(const RunRecord& record) {
  const auto& before = record.evidence.before.local_events;
  const auto& after = record.evidence.after.local_events;
  if (main_process(record).oom_kills_at_end !=
      record.evidence.after.oom_kills) {
    return false;
  }
  return before && after &&
         rise(before->oom_group_kill, after->oom_group_kill) > 0 &&
         !record.evidence.ledger.main_protected &&
         !record.evidence.ledger.incomplete;
}

/// Processes other than the main one that may be victims of kills after the
/// first `outlived` ones.
std::uint64_t other_candidates(const RunRecord& record,
                               std::uint64_t outlived) {
  const pid_t main = main_process(record).pid;
  return count_if(record.evidence.ledger.processes, [&](const Member& member) {
    const bool has_other_end =
        member.exit_code || (member.signal && member.signal != SIGKILL) ||
        (member.kills_at_end &&
         kills_since_start(record, member.kills_at_end) <= outlived);
    return member.pid != main && !has_other_end &&
           !member.shares_memory.value_or(false) &&
           kills_since_start(record, member.outlived_kills) <= outlived;
  });
}

std::uint64_t outlived_kills(const RunRecord& record) {
  const Member* const main = member_of(record, main_process(record).pid);
  return main ? kills_since_start(record, main->outlived_kills) : 0;
}

/// Without the kernel's log.
Proof proof_by_counters(const RunRecord& record) {
  const Ledger& ledger = record.evidence.ledger;
  const bool counter_is_sound = oom_kills_in(record) && ledger.main_inside;
  const std::uint64_t kills = kills_inside(record);
  const std::uint64_t outlived = outlived_kills(record);
  const auto& at_end = main_process(record).oom_kills_at_end;
  const std::uint64_t before_end =
      at_end ? std::min(kills, kills_since_start(record, at_end)) : kills;
  const std::uint64_t of_others =
      ledger.incomplete
          ? 0
          : count_if(record.evidence.victims, [&](const Victim& victim) {
              return match(record, victim, main_process(record).pid) ==
                     Match::is_not;
            });
  if (before_end <= outlived || of_others >= kills) {
    return counter_is_sound ? Proof::ruled_out : Proof::undetermined;
  }
  if (ledger.main_left_for) return Proof::undetermined;
  // Which of the two came first is not known.
  if (main_process(record).ended_by_cglab && others_were_inside(record)) {
    return Proof::undetermined;
  }
  if (died_with_group(record)) return Proof::proven;
  if (ledger.incomplete || ledger.may_have_missed_children) {
    return Proof::undetermined;
  }
  // With more kills than that, there were processes that no reading showed.
  return other_candidates(record, outlived) + 1 == before_end - outlived
             ? Proof::proven
             : Proof::undetermined;
}

/// Processes of the run that were killed, but by none of its own steps.
bool was_sigkilled(const ProcessRecord& process) {
  return process.signal == SIGKILL && !process.ended_by_cglab;
}

}  // namespace

std::uint64_t rise(const std::optional<std::uint64_t>& before,
                   const std::optional<std::uint64_t>& after) {
  if (!before || !after) return 0;
  return *after - std::min(*before, *after);
}

const Victim* main_victim(const RunRecord& record) {
  for (const auto* victims :
       {&record.evidence.victims, &record.evidence.unplaced_victims}) {
    for (const Victim& victim : *victims) {
      if (match(record, victim, main_process(record).pid) == Match::is) {
        return &victim;
      }
    }
  }
  return nullptr;
}

Proof oom_kill_of_main(const RunRecord& record) {
  const ProcessRecord& main = main_process(record);
  if (main.signal != SIGKILL) return Proof::ruled_out;
  if (main_victim(record)) return Proof::proven;
  if (log_names_all(record) && matches(record, main.pid, Match::may_be) == 0) {
    return Proof::ruled_out;
  }
  return proof_by_counters(record);
}

Proof oom_kill_of(const RunRecord& record, const ProcessRecord& process) {
  if (!was_sigkilled(process)) return Proof::ruled_out;
  if (matches(record, process.pid, Match::is) > 0) return Proof::proven;
  if (log_names_all(record) &&
      matches(record, process.pid, Match::may_be) == 0) {
    return Proof::ruled_out;
  }
  const auto& at_end = process.oom_kills_at_end;
  const auto& counted = at_end ? at_end : record.evidence.after.oom_kills;
  if (kills_since_start(record, counted) == 0) {
    return counted ? Proof::ruled_out : Proof::undetermined;
  }
  const auto& members = record.evidence.ledger.processes;
  const bool has_strangers =
      std::any_of(members.begin(), members.end(), [&](const Member& member) {
        return std::none_of(record.processes.begin(), record.processes.end(),
                            [&](const ProcessRecord& known) {
                              return known.pid == member.pid;
                            });
      });
  const std::uint64_t killed = count_if(record.processes, was_sigkilled);
  return !has_strangers && killed <= counted_kills(record)
             ? Proof::proven
             : Proof::undetermined;
}

std::uint64_t kills_inside(const RunRecord& record) {
  const std::uint64_t seen = time_of(record, EventKind::kill_seen) ? 1 : 0;
  return std::max({counted_kills(record),
                   std::uint64_t{record.evidence.victims.size()}, seen});
}

bool would_know_kills(const RunRecord& record) {
  return oom_kills_in(record) &&
         (record.environment.memory_version == cgroupfs::Version::v2 ||
          !record.evidence.ledger.incomplete ||
          (log_names_all(record) && record.evidence.unplaced_victims.empty()));
}

bool others_were_inside(const RunRecord& record) {
  const Ledger& ledger = record.evidence.ledger;
  return ledger.may_have_missed_children || ledger.incomplete ||
         std::any_of(ledger.processes.begin(), ledger.processes.end(),
                     [&](const Member& member) {
                       return member.pid != main_process(record).pid;
                     });
}

bool has_left(const RunRecord& record) {
  return record.evidence.ledger.main_left_for.has_value();
}

bool was_killed_elsewhere(const RunRecord& record) {
  const Victim* const victim = main_victim(record);
  if (!victim || !victim->task_memcg) return false;
  const std::string top = own_name(record);
  return !is_in_cgroup(*victim->task_memcg, top.substr(top.rfind('/')));
}

}  // namespace lab
