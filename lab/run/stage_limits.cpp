// SPDX-License-Identifier: MIT
/// How a setting of a scenario is written and read back.
#include <fmt/format.h>

#include <functional>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/run/stage_groups.h"

namespace lab {
namespace {

using cgroupfs::MemoryController;
using cgroupfs::Version;

struct LimitFile {
  std::string v1;  ///< empty: none
  std::string v2;
  void (MemoryController::*write)(Limit);
  Limit (MemoryController::*read)() const;
};

LimitFile limit_file(Setting setting) {
  using M = MemoryController;
  switch (setting) {
    case Setting::high:
      return {"", "memory.high", &M::set_high, &M::high};
    case Setting::low:
      return {"", "memory.low", &M::set_low, &M::low};
    case Setting::min:
      return {"", "memory.min", &M::set_min, &M::min};
    case Setting::soft_limit:
      return {"memory.soft_limit_in_bytes", "", &M::set_soft_limit,
              &M::soft_limit};
    case Setting::swap_max:
      return {"", "memory.swap.max", &M::set_swap_max, &M::swap_max};
    default:
      return {"memory.limit_in_bytes", "memory.max", &M::set_max, &M::max};
  }
}

/// Sizes are rounded down to a page by the kernel.
Limit rounded(Limit limit) {
  return limit.is_max()
             ? limit
             : Limit::of(cgroupfs::round_down_to_page(limit.bytes()));
}

Limit flag(bool on) {
  return Limit::of(Bytes{on ? 1U : 0U});
}

/// Writes and reads back; what is neither refused nor in force is an error.
Written write_and_read(const StageGroup& group, const std::string& file,
                       Limit asked, Limit expected,
                       const std::function<void()>& write,
                       const std::function<Limit()>& read) {
  Written written{{file, to_string(asked), {}, {}, group.name}};
  try {
    write();
  } catch (const cgroupfs::FileError& error) {
    written.refused = error.code().value();
    written.record.error = error.code().message();
  }
  const Limit actual = read();
  written.record.actual = actual;
  if (written.refused != 0 || actual == expected) return written;
  throw RunError(fmt::format("{} of {}: asked {}, the kernel has {}", file,
                             group.cgroup.path(), written.record.asked,
                             to_string(actual)));
}

}  // namespace

Limit StageGroups::limit_of(const Value& value) const {
  if (const auto* part = std::get_if<Part>(&value)) {
    return Limit::of(part->of(plan_.limit));
  }
  if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    return Limit::of(Bytes{*number});
  }
  return Limit::max();
}

Written StageGroups::write(StageGroup& group, const Assignment& assignment) {
  const Limit limit = limit_of(assignment.value);
  switch (assignment.setting) {
    case Setting::oom_group:
    case Setting::oom_kill_disable:
      return write_flag(group, assignment.setting, limit.bytes().count != 0);
    case Setting::pids_max:
      return limit_tasks(group, limit.bytes().count);
    case Setting::swap_max:
      if (top_.version() == Version::v1) return write_memsw(group, limit);
      break;
    default:
      break;
  }
  return write_size(group, assignment.setting, limit);
}

Written StageGroups::write_flag(StageGroup& group, Setting setting, bool on) {
  MemoryController& memory = *group.memory;
  if (setting == Setting::oom_group) {
    return write_and_read(
        group, "memory.oom.group", flag(on), flag(on),
        [&] { memory.set_oom_group(on); },
        [&] { return flag(memory.oom_group()); });
  }
  return write_and_read(
      group, "memory.oom_control", flag(on), flag(on),
      [&] { memory.set_oom_kill_disable(on); },
      [&] { return flag(memory.oom_control().oom_kill_disable); });
}

Written StageGroups::write_size(StageGroup& group, Setting setting,
                                Limit limit) {
  MemoryController& memory = *group.memory;
  const LimitFile file = limit_file(setting);
  return write_and_read(
      group, top_.version() == Version::v1 ? file.v1 : file.v2, limit,
      rounded(limit), [&] { (memory.*file.write)(limit); },
      [&] { return (memory.*file.read)(); });
}

/// v1 limits memory and swap together.
Written StageGroups::write_memsw(StageGroup& group, Limit swap) {
  MemoryController& memory = *group.memory;
  const Limit hard = memory.max();
  const Limit both = swap.is_max() || hard.is_max()
                         ? Limit::max()
                         : Limit::of(add_saturated(hard.bytes(), swap.bytes()));
  return write_and_read(
      group, "memory.memsw.limit_in_bytes", both, rounded(both),
      [&] { memory.set_memsw_max(both); }, [&] { return memory.memsw_max(); });
}

Written StageGroups::limit_tasks(StageGroup& group, std::uint64_t tasks) {
  pids_.emplace(PidsLimit::create(tasks, group.cgroup, top_, placement_));
  return {{"pids.max",
           std::to_string(tasks),
           Limit::of(Bytes{pids_->record().max.value_or(0)}),
           {},
           group.name}};
}

}  // namespace lab
