// SPDX-License-Identifier: MIT
#include "lab/verdict/blame.h"

#include <algorithm>
#include <vector>

#include "lab/place/kernel_name.h"
#include "lab/verdict/oom_kills.h"

namespace lab {
namespace {

/// The ancestor that the kernel names, whose paths begin at the hierarchy's
/// root; where something below it is mounted here, the kernel's own name.
std::string named_ancestor(const RunRecord& record,
                           const std::string& oom_memcg) {
  const std::string here = record.environment.memory_mount + oom_memcg;
  const bool known = std::any_of(
      record.evidence.ancestors.begin(), record.evidence.ancestors.end(),
      [&](const Ancestor& ancestor) { return ancestor.path == here; });
  return known ? here : oom_memcg;
}

/// Of a kill inside. `own` is the kernel's name of the run's cgroup, or the end
/// of that name where what is mounted begins below the root of the hierarchy.
std::optional<Blame> blame_of(const RunRecord& record,
                              const std::string& oom_memcg,
                              const std::string& task_memcg) {
  const std::string own = log_escaped(
      cgroup_path(record).substr(record.environment.memory_mount.size()));
  // The first place counts: a descendant may repeat the whole path.
  const std::size_t at = oom_memcg.find(own);
  const std::string rest =
      at == oom_memcg.npos ? "?" : oom_memcg.substr(at + own.size());
  if (rest.empty()) return Blame{LimitOwner::own, std::nullopt};
  const bool cut = may_be_cut(oom_memcg);
  if (rest.front() == '/') {
    const std::string path = cgroup_path(record) + unescaped_path(rest);
    return Blame{LimitOwner::descendant,
                 cut ? std::nullopt : std::optional(path)};
  }
  const bool is_above =
      oom_memcg == "/" || task_memcg.starts_with(oom_memcg + "/");
  if (cut || !is_above) return std::nullopt;
  return Blame{LimitOwner::ancestor,
               named_ancestor(record, unescaped_path(oom_memcg))};
}

/// nullopt where the log does not have all of the kills.
std::optional<Blame> blame_by_log(const RunRecord& record) {
  if (const Victim* const victim = main_victim(record)) {
    return logged_blame(record, *victim);
  }
  const auto& victims = record.evidence.victims;
  if (victims.empty() || victims.size() < kills_inside(record)) {
    return std::nullopt;
  }
  const auto first = logged_blame(record, victims.front());
  if (!first) return std::nullopt;
  bool same = true;
  for (const Victim& victim : victims) {
    const auto each = logged_blame(record, victim);
    if (!each) return std::nullopt;
    same = same && *each == *first;
  }
  return same ? *first : Blame{LimitOwner::unknown, std::nullopt};
}

bool is_main_proven(const RunRecord& record) {
  return oom_kill_of_main(record) == Proof::proven;
}

/// Whether every ancestor is known to be unlimited, or would have notified.
bool limited_ancestors_notify(const RunRecord& record) {
  return record.evidence.all_ancestors_seen &&
         std::all_of(record.evidence.ancestors.begin(),
                     record.evidence.ancestors.end(),
                     [](const Ancestor& ancestor) {
                       return ancestor.notifications.has_value() ||
                              (ancestor.max && ancestor.max->is_max());
                     });
}

/// Each ancestor would have notified, also one that was limited meanwhile. The
/// root gets no limit.
bool every_ancestor_notifies(const RunRecord& record) {
  return record.evidence.all_ancestors_seen &&
         std::all_of(record.evidence.ancestors.begin(),
                     record.evidence.ancestors.end(),
                     [&](const Ancestor& ancestor) {
                       return ancestor.notifications.has_value() ||
                              ancestor.path == record.environment.memory_mount;
                     });
}

/// No charge failed at the own limits. Newer kernels do not count those at the
/// limit of memory plus swap.
bool own_limit_was_spared(const RunRecord& record) {
  return !limit_of(record, cgroupfs::File::memory_memsw_max) &&
         record.evidence.before.failcnt &&
         record.evidence.before.failcnt == record.evidence.after.failcnt;
}

/// Without swap nothing of the hog can be reclaimed, and a charge is tried from
/// the cgroup upwards (page_counter_try_charge()): once usage has stood at the
/// limit, no charge gets as far as an ancestor. A command may have page cache.
bool hog_stood_at_limit(const RunRecord& record) {
  const LimitRecord* const hard = hard_limit(record);
  if (is_command(record.plan) || record.plan.swap != Limit::of(Bytes{0}))
    return false;
  if (!hard || !hard->actual || hard->actual->is_max() ||
      was_rewritten(*hard)) {
    return false;
  }
  return record.peak && record.peak->source != "samples" &&
         record.peak->bytes >= hard->actual->bytes();
}

/// Which limits were hit, by the notifications on v1: an OOM notifies the
/// cgroup whose limit was hit and all its descendants (memory.oom_control in
/// Documentation/admin-guide/cgroup-v1/memory.rst), at most once each.
std::vector<Blame> notified_limits(const RunRecord& record) {
  std::vector<Blame> hit;
  Blame inner{LimitOwner::own, std::nullopt};
  std::uint64_t count = record.evidence.notifications.value_or(0);
  for (const Ancestor& ancestor : record.evidence.ancestors) {
    if (!ancestor.notifications) continue;
    if (count > *ancestor.notifications) hit.push_back(inner);
    inner = {LimitOwner::ancestor, ancestor.path};
    count = *ancestor.notifications;
  }
  if (count > 0) hit.push_back(inner);
  return hit;
}

/// failcnt alone only says that the kernel had to reclaim.
Blame blame_on_v1(const RunRecord& record) {
  Blame unknown{LimitOwner::unknown, std::nullopt};
  // A descendant's limit notifies that one alone.
  const Ledger& ledger = record.evidence.ledger;
  const bool may_be_below =
      ledger.incomplete && !(is_main_proven(record) && ledger.main_inside);
  const std::vector<Blame> hit = notified_limits(record);
  // Of two at the same time one may not be notified.
  const bool all_notified =
      kills_inside(record) <= record.evidence.notifications.value_or(0);
  if (may_be_below || hit.size() != 1 || !all_notified) return unknown;
  if (hit.front().owner == LimitOwner::ancestor) {
    return limited_ancestors_notify(record) ? hit.front() : unknown;
  }
  const bool is_own =
      every_ancestor_notifies(record) ||
      (!own_limit_was_spared(record) &&
       (limited_ancestors_notify(record) || hog_stood_at_limit(record)));
  return is_own ? hit.front() : unknown;
}

/// The descendant with all of the hits below the run's cgroup, `hits`; without
/// a path where it is gone, or there are several.
Blame blamed_descendant(const RunRecord& record, std::uint64_t hits) {
  for (const Descendant& descendant : record.evidence.descendants) {
    if (descendant.hits == hits)
      return {LimitOwner::descendant, descendant.path};
  }
  return {LimitOwner::descendant, std::nullopt};
}

/// v2 counts an OOM in the cgroup whose limit was hit: `oom` of
/// memory.events.local; that of memory.events has the descendants' too
/// (Documentation/admin-guide/cgroup-v2.rst). Where it rose in several, any of
/// them may have killed.
Blame blame_on_v2(const RunRecord& record) {
  std::vector<Blame> hit;
  const Counters& before = record.evidence.before;
  const Counters& after = record.evidence.after;
  if (before.local_events && after.local_events && before.events &&
      after.events) {
    const std::uint64_t own =
        rise(before.local_events->oom, after.local_events->oom);
    const std::uint64_t all = rise(before.events->oom, after.events->oom);
    if (own > 0) hit.push_back({LimitOwner::own, std::nullopt});
    if (all > own) hit.push_back(blamed_descendant(record, all - own));
  }
  for (const Ancestor& ancestor : record.evidence.ancestors) {
    if (rise(ancestor.hits_before, ancestor.hits_after) > 0) {
      hit.push_back({LimitOwner::ancestor, ancestor.path});
    }
  }
  if (hit.size() == 1) return hit.front();
  return {LimitOwner::unknown, std::nullopt};
}

Blame blame_by_counters(const RunRecord& record) {
  return record.environment.memory_version == cgroupfs::Version::v1
             ? blame_on_v1(record)
             : blame_on_v2(record);
}

}  // namespace

std::optional<Blame> logged_blame(const RunRecord& record,
                                  const Victim& victim) {
  if (!victim.constraint) return std::nullopt;
  if (*victim.constraint != "CONSTRAINT_MEMCG") {
    return Blame{LimitOwner::host, std::nullopt};
  }
  if (!victim.oom_memcg || !victim.task_memcg) return std::nullopt;
  if (!is_in_cgroup(*victim.task_memcg, tail_of_run(record))) {
    return std::nullopt;
  }
  return blame_of(record, *victim.oom_memcg, *victim.task_memcg);
}

Blame blame(const RunRecord& record) {
  if (const auto logged = blame_by_log(record)) return *logged;
  // What happened here says nothing of a kill elsewhere.
  if (has_left(record) && is_main_proven(record)) {
    return {LimitOwner::unknown, std::nullopt};
  }
  return blame_by_counters(record);
}

}  // namespace lab
