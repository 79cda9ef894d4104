// SPDX-License-Identifier: MIT
#include "lab/run/apply_limits.h"

#include "cgroupfs/error.h"
#include "lab/place/swap.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Memory;
using cgroupfs::Version;

/// Writes `asked`, reads it back, and records what the kernel said.
LimitRecord set_limit(const Memory& memory, File file, Limit asked) {
  LimitRecord record{"",
                     name_of(file, memory.version()),
                     to_string(asked),
                     std::nullopt,
                     std::nullopt,
                     std::nullopt};
  try {
    memory.set(file, asked);
  } catch (const cgroupfs::FileError& error) {
    record.error = error.code().message();
  } catch (const cgroupfs::NotSupported& error) {
    record.error = error.reason();
  }
  record.actual = memory.limit(file);
  return record;
}

}  // namespace

LimitRecord set_hard_limit(const Memory& memory, Bytes limit) {
  return set_limit(memory, File::memory_max, Limit::of(limit));
}

std::optional<LimitRecord> set_swap_limit(const Memory& memory,
                                          const Plan& plan,
                                          const Environment& environment) {
  if (!needs_swap_limit(plan, environment)) return std::nullopt;
  const File file = swap_limit_file(memory.version());
  if (file == File::memory_swap_max) return set_limit(memory, file, plan.swap);
  return set_limit(
      memory, file,
      Limit::of(Bytes{plan.size().count + plan.swap.bytes().count}));
}

LimitRecord set_high_limit(const Memory& memory, Bytes limit) {
  return set_limit(memory, File::memory_high, Limit::of(limit));
}

bool needs_swap_limit(const Plan& plan,
                      const Environment& environment) noexcept {
  if (plan.swap.is_max()) return false;
  return environment.memory_version == Version::v2 ||
         host_swaps(environment).value_or(true);
}

bool is_in_force(const LimitRecord& record, Bytes asked) noexcept {
  return record.actual && !record.actual->is_max() &&
         record.actual->bytes() == cgroupfs::round_down_to_page(asked);
}

}  // namespace lab
