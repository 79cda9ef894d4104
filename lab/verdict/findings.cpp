// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lab/base/shell_quote.h"
#include "lab/verdict/oom_kills.h"
#include "lab/verdict/verdict_parts.h"

namespace lab {
namespace {

using cgroupfs::File;

/// Collects the findings of one record.
class Finder {
 public:
  explicit Finder(const RunRecord& record) : record_(record) {}

  std::vector<Finding> find() {
    // What an experiment claims on is no news.
    if (!makes_claims(record_)) {
      find_throttling();
      find_limit_hits();
      find_refused_forks();
    }
    find_disabled_oom_killers();
    find_freezing();
    find_rewritten_limits();
    find_members();
    find_removal();
    find_held();
    find_rest();
    find_shared_memory();
    return std::move(findings_);
  }

 private:
  template <typename... Values>
  void add(FindingKind kind, FactKind fact_kind, Values... values) {
    findings_.push_back({kind, fact(fact_kind, std::move(values)...)});
  }

  void find_throttling() {
    const std::uint64_t count = throttlings(record_);
    if (count == 0) return;
    add(FindingKind::throttled, FactKind::throttled, times(count),
        stall_fact(record_));
  }

  Fact times(std::uint64_t count) const {
    return count == 1 ? fact(FactKind::once) : fact(FactKind::times, count);
  }

  void find_limit_hits() {
    if (kills_inside(record_) > 0 ||
        !record_.evidence.disabled_oom_killers.empty()) {
      return;
    }
    if (ooms() > 0 && all_are_protected()) {
      return add(FindingKind::no_victim, FactKind::no_victim);
    }
    const Counters& before = record_.evidence.before;
    const Counters& after = record_.evidence.after;
    if (before.local_events && after.local_events) {
      add_hits(rise(before.local_events->max, after.local_events->max),
               fmt::format("max, {}", name_of(File::memory_events_local)));
    }
    add_hits(rise(before.failcnt, after.failcnt),
             name_of(File::memory_failcnt));
    add_hits(rise(before.memsw_failcnt, after.memsw_failcnt),
             name_of(File::memory_memsw_failcnt));
  }

  void add_hits(std::uint64_t hits, const std::string& counter) {
    if (hits == 0) return;
    add(FindingKind::limit_hit,
        counts_every_kill(record_) ? FactKind::limit_hit_without_a_kill
                                   : FactKind::limit_hit,
        times(hits), counter);
  }

  /// At the own limit. On v1 one at a limit above notifies this cgroup, too.
  std::uint64_t ooms() const {
    const auto& before = record_.evidence.before.local_events;
    const auto& after = record_.evidence.after.local_events;
    if (before && after) return rise(before->oom, after->oom);
    const std::uint64_t all = record_.evidence.notifications.value_or(0);
    for (const Ancestor& ancestor : record_.evidence.ancestors) {
      if (!ancestor.notifications) continue;
      return all - std::min(all, *ancestor.notifications);
    }
    return 0;
  }

  bool all_are_protected() const {
    const Ledger& ledger = record_.evidence.ledger;
    const auto& members = ledger.processes;
    return !members.empty() && !ledger.incomplete &&
           !ledger.may_have_missed_children &&
           std::all_of(
               members.begin(), members.end(),
               [](const Member& member) { return member.oom_protected; });
  }

  void find_refused_forks() {
    const auto refused = reading_of(
        record_, "after", record_.cgroups.front().name, "forks_refused");
    if (refused.value_or(0) == 0) return;
    add(FindingKind::forks_refused, FactKind::forks_refused, times(*refused));
  }

  void find_disabled_oom_killers() {
    for (const std::string& path : record_.evidence.disabled_oom_killers) {
      add(FindingKind::oom_killer_disabled, FactKind::oom_killer_disabled, path,
          name_of(File::memory_oom_control));
    }
  }

  void find_freezing() {
    const auto& path = record_.evidence.frozen_cgroup;
    if (!path) return;
    add(FindingKind::frozen, FactKind::frozen, *path,
        "echo 0 > " + shell_quote(*path + "/" + name_of(File::cgroup_freeze)));
  }

  void find_rewritten_limits() {
    for (const LimitRecord& limit : record_.limits) {
      if (!was_rewritten(limit)) continue;
      add(FindingKind::limit_rewritten, FactKind::limit_rewritten, limit.file,
          to_string(*limit.actual), to_string(*limit.at_end));
    }
  }

  Fact name(const Member& member) const {
    return fact(FactKind::process, member.name.empty() ? "?" : member.name,
                member.pid);
  }

  void find_members() {
    if (record_.evidence.ledger.cglab_inside) {
      add(FindingKind::cglab_moved_in, FactKind::cglab_moved_in);
    }
    for (const Member& member : record_.evidence.ledger.processes) {
      if (member.moved_in) {
        add(FindingKind::process_moved_in, FactKind::moved_in, name(member));
      }
      // The reason covers the main process.
      const bool is_reported =
          !makes_claims(record_) && member.pid == main_process(record_).pid;
      if (member.left_for && !is_reported) {
        add(FindingKind::process_left, FactKind::left, name(member),
            *member.left_for);
      }
    }
  }

  void find_removal() {
    if (record_.evidence.cgroup_removed) {
      add(FindingKind::cgroup_removed, FactKind::cgroup_removed);
    }
    if (record_.evidence.controller_removed) {
      add(FindingKind::controller_removed, FactKind::controller_removed);
    }
  }

  void find_held() {
    for (const HeldProcess& held : record_.evidence.held) {
      add(FindingKind::held, FactKind::held, held.pid, held.name,
          std::string(to_string(held.reason)), held.by.value_or(""),
          held.state);
    }
  }

  bool is_held(pid_t pid) const {
    const auto& held = record_.evidence.held;
    return std::any_of(held.begin(), held.end(), [pid](const auto& process) {
      return process.pid == pid;
    });
  }

  /// Those that were seen after the command's end.
  void find_rest() {
    if (!record_.plan.no_wait) return;
    const auto killed = time_of(record_, EventKind::all_killed);
    const auto reaped = time_of(record_, EventKind::reaped);
    if (!killed || !reaped || *killed < *reaped) return;
    Fact names{FactKind::list, {}};
    for (const Member& member : record_.evidence.ledger.processes) {
      const bool is_rest = member.pid != main_process(record_).pid &&
                           !member.moved_in && !member.exit_code &&
                           !is_held(member.pid);
      if (is_rest && member.last_seen_ns >= *reaped) {
        names.values.emplace_back(name(member));
      }
    }
    if (names.values.empty()) return;
    add(FindingKind::rest_killed, FactKind::rest_killed, std::move(names));
  }

  void find_shared_memory() {
    const auto& left = record_.evidence.shared_memory_left;
    if (!left) return;
    Fact files{FactKind::list, {}};
    for (const SharedFile& file : left->files) {
      files.values.emplace_back(
          fact(file.charged ? FactKind::charged_file : FactKind::written_file,
               file.path, human_size(file.bytes)));
    }
    if (files.values.empty()) {
      files = fact(left->all_searched ? FactKind::no_file
                                      : FactKind::not_all_searched);
    }
    add(FindingKind::shared_memory_left, FactKind::shared_memory_left,
        fact(FactKind::size, left->bytes.count), std::move(files));
  }

  const RunRecord& record_;
  std::vector<Finding> findings_;
};

}  // namespace

std::uint64_t throttlings(const RunRecord& record) {
  if (!record.evidence.before.events || !record.evidence.after.events) return 0;
  return rise(record.evidence.before.events->high,
              record.evidence.after.events->high);
}

bool is_throttled_by_own_limit(const RunRecord& record) {
  const auto& before = record.evidence.before.local_events;
  const auto& after = record.evidence.after.local_events;
  const bool own = before && after ? rise(before->high, after->high) > 0
                                   : throttlings(record) > 0;
  return own && limit_of(record, File::memory_high);
}

Fact stall_fact(const RunRecord& record) {
  if (!record.evidence.before.stalled || !record.evidence.after.stalled) {
    return fact(FactKind::no_psi);
  }
  return fact(FactKind::tasks_waited,
              human_seconds(*record.evidence.after.stalled -
                            *record.evidence.before.stalled));
}

std::vector<Finding> findings(const RunRecord& record) {
  return Finder(record).find();
}

}  // namespace lab
