// SPDX-License-Identifier: MIT
/// How a setting of a scenario is written and read back.
#include <fmt/format.h>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/place/swap.h"
#include "lab/run/stage_groups.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Memory;

/// Sizes are rounded down to a page by the kernel.
Limit rounded(Limit limit) {
  return limit.is_max()
             ? limit
             : Limit::of(cgroupfs::round_down_to_page(limit.bytes()));
}

/// v1 limits memory and swap together.
Limit both(const Memory& memory, Limit swap) {
  const Limit hard = memory.limit(File::memory_max).value_or(Limit::max());
  return swap.is_max() || hard.is_max()
             ? Limit::max()
             : Limit::of(add_saturated(hard.bytes(), swap.bytes()));
}

/// What is in `file`, a flag too, as a limit.
std::optional<Limit> read_setting(const Memory& memory, File file) {
  if (file == File::memory_oom_control) {
    const auto control = memory.oom_control();
    if (!control) return std::nullopt;
    return Limit::of(Bytes{control->oom_kill_disable ? 1U : 0U});
  }
  return memory.limit(file);
}

}  // namespace

Limit StageGroups::limit_of(const Value& value) const {
  if (const auto* part = std::get_if<Part>(&value)) {
    return Limit::of(part->of(plan_.size()));
  }
  if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    return Limit::of(Bytes{*number});
  }
  return Limit::max();
}

Written StageGroups::write(StageGroup& group, const Setting& setting) {
  const Memory& memory = group.memory;
  Limit asked = limit_of(setting.value);
  File file = setting.file;
  if (file == File::pids_max) return limit_tasks(group, asked.bytes().count);
  if (file == File::memory_swap_max &&
      swap_limit_file(memory.version()) != file) {
    file = swap_limit_file(memory.version());
    asked = both(memory, asked);
  }
  const std::string name = name_of(file, memory.version());
  Written written{{group.name, name, to_string(asked), {}, {}, {}}};
  try {
    memory.set(file, asked);
  } catch (const cgroupfs::FileError& error) {
    written.refused = error.code().value();
    written.record.error = error.code().message();
  }
  written.record.actual = read_setting(memory, file);
  const Limit expected = cgroupfs::holds_size(name) ? rounded(asked) : asked;
  if (written.refused != 0 || written.record.actual == expected) return written;
  throw RunError(fmt::format(
      "{} of {}: asked {}, the kernel has {}", name, group.cgroup.path(),
      written.record.asked,
      written.record.actual ? to_string(*written.record.actual) : "none"));
}

Written StageGroups::limit_tasks(StageGroup& group, std::uint64_t tasks) {
  pids_.emplace(PidsLimit::create(tasks, group.cgroup, top_, placement_));
  return {{group.name,
           name_of(File::pids_max),
           std::to_string(tasks),
           Limit::of(Bytes{pids_->state().max.value_or(0)}),
           {},
           {}}};
}

}  // namespace lab
