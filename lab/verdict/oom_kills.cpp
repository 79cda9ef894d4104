// SPDX-License-Identifier: MIT
#include "lab/verdict/oom_kills.h"

#include <algorithm>
#include <csignal>

#include "lab/place/kernel_name.h"

namespace lab {
namespace {

enum class Match { is, may_be, is_not };

template <typename Items, typename Predicate>
std::uint64_t count_if(const Items& items, const Predicate& predicate) {
  return static_cast<std::uint64_t>(
      std::count_if(items.begin(), items.end(), predicate));
}

std::uint64_t kills_since_start(const RunRecord& record,
                                const std::optional<std::uint64_t>& count) {
  return rise(record.evidence.before.oom_kills, count);
}

std::uint64_t outlived_kills(const RunRecord& record, pid_t pid) {
  const Member* const member = member_of(record, pid);
  return member ? kills_since_start(record, member->outlived_kills) : 0;
}

/// By the counter; the first of a group that dies together (memory.oom.group)
/// may be counted twice.
std::uint64_t counts(const RunRecord& record) {
  const std::uint64_t seen = time_of(record, EventKind::kill_seen) ? 1 : 0;
  return std::max({oom_kills_in(record).value_or(0),
                   kills_since_start(record, record.evidence.ledger.most_kills),
                   seen});
}

/// Of a process whose leader has exited, by the name and the threads known.
Match match_threads(const Member& member, const Victim& victim) {
  const auto& threads = member.threads;
  if (std::find(threads.begin(), threads.end(), victim.pid) != threads.end()) {
    return Match::is;
  }
  // A thread may have another name, and be too new to be known. A constraint
  // has the pid of the process.
  return victim.constraint ? Match::is_not : Match::may_be;
}

/// Of another process of the ledger. One that had the main process' memory may
/// have got its own, by exec, after the last reading.
Match match_memory(const RunRecord& record, const Member& other,
                   bool same_name) {
  const bool has_outlived_all =
      outlived_kills(record, main_process(record).pid) >= counts(record);
  if (has_outlived_all) return Match::is_not;
  return other.shares_memory.value_or(same_name) ? Match::may_be
                                                 : Match::is_not;
}

/// Whether `victim` is process `pid`, or shared its memory and was killed with
/// it: the kernel logs and counts only one of those. Names do not change once a
/// process was killed.
Match match(const RunRecord& record, const Victim& victim, pid_t pid) {
  const Member* const member = member_of(record, pid);
  const bool same_name =
      !member || member->name.empty() || member->name == victim.name;
  const bool has_threads = member && !member->threads.empty();
  // Pids of the initial namespace cannot be translated into another one.
  if (!record.environment.initial_pid_namespace) {
    return same_name || has_threads ? Match::may_be : Match::is_not;
  }
  const bool is_main = pid == main_process(record).pid;
  const auto& later = record.evidence.later_victims;
  if (is_main &&
      std::find(later.begin(), later.end(), victim.pid) != later.end()) {
    return Match::is_not;
  }
  if (victim.pid == pid) return Match::is;
  const Member* const other = member_of(record, victim.pid);
  if (!other && has_threads) return match_threads(*member, victim);
  if (other) {
    return is_main ? match_memory(record, *other, same_name) : Match::is_not;
  }
  // It may have had the memory of the main process and was never seen.
  return is_main && is_command(record.plan) && same_name ? Match::may_be
                                                         : Match::is_not;
}

/// How many of the log's victims have this relation to process `pid`.
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

/// The least number of processes that were killed, by the counter.
std::uint64_t counted_kills(const RunRecord& record) {
  const std::uint64_t kills = counts(record);
  return kills - std::min(kills, group_kills(record));
}

/// A reading showed the main process as one that no OOM killer kills.
bool is_protected(const RunRecord& record) {
  const Member* const main = main_member(record);
  return main && main->oom_protected;
}

/// The main process was killed by a kill of the group that it was in: on v2 by
/// the counter of its own cgroup. Only one that is protected outlives that.
bool died_with_group(const RunRecord& record) {
  const auto& before = record.evidence.before.local_events;
  const Ledger& ledger = record.evidence.ledger;
  return before && rise(before->oom_group_kill, ledger.main_group_kills) > 0 &&
         !is_protected(record) && !ledger.incomplete;
}

/// Whether `member` may be a victim of kills after the first `outlived` ones.
bool is_candidate(const RunRecord& record, const Member& member,
                  std::uint64_t outlived) {
  const bool ended_otherwise =
      member.exit_code || (member.signal && member.signal != SIGKILL);
  const bool ended_before =
      member.kills_at_end &&
      kills_since_start(record, member.kills_at_end) <= outlived;
  return !ended_otherwise && !ended_before &&
         kills_since_start(record, member.outlived_kills) <= outlived;
}

/// Processes other than the main one that may be victims of kills after the
/// first `outlived` ones.
std::uint64_t other_candidates(const RunRecord& record,
                               std::uint64_t outlived) {
  const pid_t main = main_process(record).pid;
  return count_if(record.evidence.ledger.processes, [&](const Member& member) {
    return member.pid != main && is_candidate(record, member, outlived);
  });
}

/// The kills that are left are those of the main process and of all candidates:
/// with more of them there were processes that no reading showed.
bool explains_all_kills(const RunRecord& record, std::uint64_t kills,
                        std::uint64_t candidates) {
  const std::uint64_t twice = std::min(kills, group_kills(record));
  if (twice > 0 && is_protected(record)) return false;
  return candidates <= kills && kills - twice <= candidates;
}

/// The log has a victim inside that no reading showed.
bool missed_a_victim(const RunRecord& record) {
  const auto& victims = record.evidence.victims;
  return record.environment.initial_pid_namespace &&
         std::any_of(victims.begin(), victims.end(), [&](const Victim& victim) {
           return !member_of(record, victim.pid);
         });
}

/// One of the candidates left: what ended it may be elsewhere.
bool another_left(const RunRecord& record, std::uint64_t outlived) {
  const auto& members = record.evidence.ledger.processes;
  return std::any_of(members.begin(), members.end(), [&](const Member& member) {
    return member.left_for && member.pid != main_process(record).pid &&
           is_candidate(record, member, outlived);
  });
}

/// Without the kernel's log, or where that leaves it open.
Proof proof_by_counters(const RunRecord& record) {
  const Ledger& ledger = record.evidence.ledger;
  const ProcessRecord& main = main_process(record);
  // On v1 a process that has just moved into a cgroup inside is counted there.
  const bool may_have_moved =
      ledger.incomplete &&
      record.environment.memory_version == cgroupfs::Version::v1;
  const bool is_counted =
      oom_kills_in(record) && ledger.main_inside && !may_have_moved;
  const Proof no = is_counted ? Proof::ruled_out : Proof::undetermined;
  const std::uint64_t outlived = outlived_kills(record, main.pid);
  const std::uint64_t before_end =
      main.oom_kills_at_end ? kills_since_start(record, main.oom_kills_at_end)
                            : counts(record);
  if (before_end <= outlived) return no;
  const std::uint64_t of_others =
      count_if(record.evidence.victims, [&](const Victim& victim) {
        return match(record, victim, main.pid) == Match::is_not;
      });
  if (!ledger.incomplete && of_others >= counts(record)) return no;
  // Which of the two killed it is not known.
  const bool by_cglab = main.ended_by_cglab && others_were_inside(record);
  if (has_left(record) || by_cglab) return Proof::undetermined;
  if (died_with_group(record)) return Proof::proven;
  if (ledger.incomplete || ledger.may_have_missed_children ||
      another_left(record, outlived) || missed_a_victim(record)) {
    return Proof::undetermined;
  }
  return explains_all_kills(record, before_end - outlived,
                            other_candidates(record, outlived) + 1)
             ? Proof::proven
             : Proof::undetermined;
}

/// Those whose cgroup the log has. Another may have left before its end.
std::uint64_t placed_victims(const RunRecord& record) {
  return count_if(record.evidence.victims, [](const Victim& victim) {
    return victim.task_memcg.has_value();
  });
}

/// Not by this program.
bool was_sigkilled(const ProcessRecord& process) {
  return process.signal == SIGKILL && !process.ended_by_cglab;
}

/// Those that the run has not started: children of its hogs, or moved in.
std::uint64_t strangers_that_may_be_victims(const RunRecord& record) {
  return count_if(record.evidence.ledger.processes, [&](const Member& member) {
    return is_candidate(record, member, 0) &&
           std::none_of(record.processes.begin(), record.processes.end(),
                        [&](const ProcessRecord& known) {
                          return known.pid == member.pid;
                        });
  });
}

/// Of a group that was killed at once, in the first cgroup.
bool died_with_first_group(const RunRecord& record,
                           const ProcessRecord& process) {
  const auto& before = record.evidence.before.local_events;
  const auto& after = record.evidence.after.local_events;
  return !record.cgroups.empty() &&
         process.cgroup == record.cgroups.front().name && before && after &&
         rise(before->oom_group_kill, after->oom_group_kill) > 0;
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
  if (!counted) return Proof::undetermined;
  if (kills_since_start(record, counted) == 0) return Proof::ruled_out;
  if (died_with_first_group(record, process)) return Proof::proven;
  const std::uint64_t killed = count_if(record.processes, was_sigkilled);
  return killed <= counted_kills(record) &&
                 strangers_that_may_be_victims(record) == 0
             ? Proof::proven
             : Proof::undetermined;
}

bool log_names_all(const RunRecord& record) {
  return record.evidence.kernel_log_complete &&
         record.evidence.victims.size() +
                 record.evidence.unplaced_victims.size() >=
             counted_kills(record);
}

std::uint64_t kills_inside(const RunRecord& record) {
  const std::uint64_t main = main_victim(record) ? 1 : 0;
  return std::max({counted_kills(record), placed_victims(record), main});
}

bool counts_every_kill(const RunRecord& record) {
  return oom_kills_in(record) &&
         (record.environment.memory_version == cgroupfs::Version::v2 ||
          !record.evidence.ledger.incomplete ||
          (log_names_all(record) && record.evidence.unplaced_victims.empty() &&
           placed_victims(record) == record.evidence.victims.size()));
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
  const Member* const main = main_member(record);
  return main && main->left_for;
}

bool was_killed_elsewhere(const RunRecord& record) {
  const Victim* const victim = main_victim(record);
  return victim && victim->constraint && victim->task_memcg &&
         !may_be_cut(*victim->task_memcg) &&
         !is_in_cgroup(*victim->task_memcg, tail_of_run(record));
}

}  // namespace lab
