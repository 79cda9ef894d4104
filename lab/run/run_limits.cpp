// SPDX-License-Identifier: MIT
#include "lab/run/run_limits.h"

#include <fmt/format.h>

#include "cgroupfs/text.h"
#include "lab/base/errors.h"
#include "lab/place/swap.h"
#include "lab/run/apply_limits.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Memory;

void note_limit(LimitRecord limit, RunRecord& record) {
  limit.cgroup = record.cgroups.front().name;
  record.limits.push_back(std::move(limit));
}

bool set_hard(const Memory& memory, RunRecord& record, const NoteLimit& note) {
  const Limit limit = record.plan.limit;
  if (limit.is_max()) return true;
  note_limit(set_hard_limit(memory, limit.bytes()), record);
  const LimitRecord& hard = record.limits.back();
  const bool in_force = is_in_force(hard, limit.bytes());
  note(in_force ? EventKind::limit_set : EventKind::limit_refused, hard.file);
  return in_force;
}

void require_swap_limit(const LimitRecord& swap, const RunRecord& record) {
  if (swap.error && host_swaps(record.environment).value_or(false)) {
    throw RunError(fmt::format(
        "swap cannot be limited, so the {} would be swapped out instead of "
        "killed: {}: {}; accept that with --swap max",
        is_command(record.plan) ? "command" : "hog", swap.file, *swap.error));
  }
  if (!swap.error &&
      !is_in_force(swap, Bytes{cgroupfs::parse_u64(swap.asked)})) {
    throw RunError(fmt::format("{}: asked {}, the kernel has {}", swap.file,
                               swap.asked, to_string(*swap.actual)));
  }
}

/// False when the kernel refused it.
bool accept_swap(const std::optional<LimitRecord>& swap, RunRecord& record,
                 const NoteLimit& note) {
  if (!swap) return true;
  note_limit(*swap, record);
  if (swap->error && swap->actual) {
    note(EventKind::limit_refused, swap->file);
    return false;
  }
  require_swap_limit(*swap, record);
  return true;
}

void set_high(const Memory& memory, RunRecord& record, const NoteLimit& note) {
  if (!record.plan.run || record.plan.run->high.is_max()) return;
  const Bytes asked = record.plan.run->high.bytes();
  note_limit(set_high_limit(memory, asked), record);
  const LimitRecord& high = record.limits.back();
  if (!is_in_force(high, asked)) throw RunError(refusal_text(record));
  note(EventKind::limit_set, high.file);
}

void set_oom_group(const Memory& memory, RunRecord& record) {
  if (!record.plan.run || !record.plan.run->oom_group) return;
  memory.set(File::memory_oom_group, 1);
  const auto actual = memory.limit(File::memory_oom_group);
  record.limits.push_back({record.cgroups.front().name,
                           name_of(File::memory_oom_group), "1", actual,
                           std::nullopt, std::nullopt});
  if (memory.number(File::memory_oom_group) == 1) return;
  throw RunError(fmt::format("{} of {}: asked 1, the kernel has 0",
                             name_of(File::memory_oom_group),
                             cgroup_path(record)));
}

}  // namespace

bool set_limits(const Memory& memory, RunRecord& record,
                const NoteLimit& note) {
  // First on v2, or what the hard limit displaces could go to swap. v1 takes no
  // memsw limit below the hard one.
  const bool swap_first = memory.version() == cgroupfs::Version::v2;
  std::optional<LimitRecord> swap;
  if (swap_first) {
    swap = set_swap_limit(memory, record.plan, record.environment);
  }
  if (!set_hard(memory, record, note)) return false;
  if (!swap_first) {
    swap = set_swap_limit(memory, record.plan, record.environment);
  }
  if (!accept_swap(swap, record, note)) return false;
  set_high(memory, record, note);
  set_oom_group(memory, record);
  return true;
}

std::string refusal_text(const RunRecord& record) {
  const LimitRecord& limit = record.limits.back();
  return fmt::format(
      "the limit of {} is not in force: {}: asked {}, the kernel has {} ({})",
      cgroup_path(record), limit.file, limit.asked,
      limit.actual ? to_string(*limit.actual) : "none",
      limit.error.value_or("no error"));
}

}  // namespace lab
