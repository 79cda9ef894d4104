// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "lab/base/shell_quote.h"
#include "lab/base/visible.h"
#include "lab/place/held.h"
#include "lab/verdict/findings_messages.h"
#include "lab/verdict/oom_kills.h"
#include "lab/verdict/verdict_parts.h"

namespace lab {
namespace {

namespace messages = findings_messages;
using cgroupfs::File;

/// Collects the findings of one record in one language.
class Finder {
 public:
  Finder(const RunRecord& record, Language language)
      : record_(record), language_(language) {}

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
  void add(FindingKind kind, const Message& message, const Values&... values) {
    // Names and paths are from outside.
    findings_.push_back(
        {kind, visible_line(say(language_, message, values...))});
  }

  void find_throttling() {
    const std::uint64_t count = throttlings(record_);
    if (count == 0) return;
    add(FindingKind::throttled, messages::throttled, times(count),
        stall_text(record_, language_));
  }

  std::string times(std::uint64_t count) const {
    return count == 1 ? say(language_, messages::once)
                      : say(language_, messages::times, count);
  }

  void find_limit_hits() {
    if (kills_inside(record_) > 0 ||
        !record_.evidence.disabled_oom_killers.empty()) {
      return;
    }
    if (ooms() > 0 && all_are_protected()) {
      return add(FindingKind::no_victim, messages::no_victim);
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
        counts_every_kill(record_) ? messages::limit_hit_without_a_kill
                                   : messages::limit_hit,
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
    add(FindingKind::forks_refused, messages::forks_refused, times(*refused));
  }

  void find_disabled_oom_killers() {
    for (const std::string& path : record_.evidence.disabled_oom_killers) {
      add(FindingKind::oom_killer_disabled, messages::oom_killer_disabled, path,
          name_of(File::memory_oom_control));
    }
  }

  void find_freezing() {
    const auto& path = record_.evidence.frozen_cgroup;
    if (!path) return;
    add(FindingKind::frozen, messages::frozen, *path,
        shell_quote(*path + "/" + name_of(File::cgroup_freeze)));
  }

  void find_rewritten_limits() {
    for (const LimitRecord& limit : record_.limits) {
      if (!was_rewritten(limit)) continue;
      add(FindingKind::limit_rewritten, messages::limit_rewritten, limit.file,
          to_string(*limit.actual), to_string(*limit.at_end));
    }
  }

  std::string name(const Member& member) const {
    return fmt::format("{} (pid {})", member.name.empty() ? "?" : member.name,
                       member.pid);
  }

  void find_members() {
    if (record_.evidence.ledger.cglab_inside) {
      add(FindingKind::cglab_moved_in, messages::cglab_moved_in);
    }
    for (const Member& member : record_.evidence.ledger.processes) {
      if (member.moved_in) {
        add(FindingKind::process_moved_in, messages::moved_in, name(member));
      }
      // The reason tells of the main process.
      const bool is_told =
          !makes_claims(record_) && member.pid == main_process(record_).pid;
      if (member.left_for && !is_told) {
        add(FindingKind::process_left, messages::left, name(member),
            *member.left_for);
      }
    }
  }

  void find_removal() {
    if (record_.evidence.cgroup_removed) {
      add(FindingKind::cgroup_removed, messages::removed);
    }
    if (record_.evidence.controller_removed) {
      add(FindingKind::controller_removed, messages::controller_removed);
    }
  }

  void find_held() {
    for (const HeldProcess& held : record_.evidence.held) {
      findings_.push_back({FindingKind::held, say(language_, messages::sentence,
                                                  held_text(held, language_))});
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
    std::vector<std::string> names;
    for (const Member& member : record_.evidence.ledger.processes) {
      const bool is_rest = member.pid != main_process(record_).pid &&
                           !member.moved_in && !member.exit_code &&
                           !is_held(member.pid);
      if (is_rest && member.last_seen_ns >= *reaped) {
        names.push_back(name(member));
      }
    }
    if (names.empty()) return;
    add(FindingKind::rest_killed, messages::rest_killed,
        fmt::format("{}", fmt::join(names, ", ")));
  }

  void find_shared_memory() {
    const auto& left = record_.evidence.shared_memory_left;
    if (!left) return;
    std::string files;
    for (const SharedFile& file : left->files) {
      if (!files.empty()) files += ", ";
      files +=
          say(language_,
              file.charged ? messages::charged_file : messages::written_file,
              file.path, human_size(file.bytes));
    }
    if (files.empty()) {
      files = say(language_, left->all_searched ? messages::no_file
                                                : messages::not_all_searched);
    }
    add(FindingKind::shared_memory_left, messages::shared_memory_left,
        exact_size(left->bytes), files);
  }

  const RunRecord& record_;
  Language language_;
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

std::string stall_text(const RunRecord& record, Language language) {
  if (!record.evidence.before.stalled || !record.evidence.after.stalled) {
    return say(language, messages::no_psi);
  }
  return say(language, messages::tasks_waited,
             human_seconds(*record.evidence.after.stalled -
                           *record.evidence.before.stalled));
}

std::vector<Finding> findings(const RunRecord& record, Language language) {
  return Finder(record, language).find();
}

}  // namespace lab
