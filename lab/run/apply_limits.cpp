// SPDX-License-Identifier: MIT
#include "lab/run/apply_limits.h"

#include <cstring>
#include <functional>

#include "cgroupfs/error.h"
#include "lab/place/memory_access.h"

namespace lab {
namespace {

using cgroupfs::MemoryController;
using cgroupfs::Version;

/// Runs `write`, then `read`, and records what the kernel said.
LimitRecord record_limit(std::string file, Limit asked,
                         const std::function<void()>& write,
                         const std::function<Limit()>& read) {
  LimitRecord record{std::move(file), to_string(asked), std::nullopt,
                     std::nullopt};
  try {
    write();
  } catch (const cgroupfs::FileError& error) {
    record.error = error.code().message();
  } catch (const cgroupfs::NotSupported& error) {
    record.error = error.reason();
    return record;
  }
  record.actual = read();
  return record;
}

}  // namespace

LimitRecord set_hard_limit(MemoryController& memory, Bytes limit) {
  const bool v1 = memory.version() == Version::v1;
  return record_limit(
      v1 ? "memory.limit_in_bytes" : "memory.max", Limit::of(limit),
      [&] { memory.set_max(Limit::of(limit)); }, [&] { return memory.max(); });
}

std::optional<LimitRecord> set_swap_limit(MemoryController& memory,
                                          const Plan& plan,
                                          const Environment& environment) {
  if (!needs_swap_limit(plan, environment)) return std::nullopt;
  if (memory.version() == Version::v1) {
    const Limit both = Limit::of(
        Bytes{plan.hard_limit().bytes().count + plan.swap.bytes().count});
    return record_limit(
        "memory.memsw.limit_in_bytes", both,
        [&] { memory.set_memsw_max(both); },
        [&] { return memory.memsw_max(); });
  }
  return record_limit(
      "memory.swap.max", plan.swap, [&] { memory.set_swap_max(plan.swap); },
      [&] { return memory.swap_max(); });
}

LimitRecord set_high_limit(MemoryController& memory, Bytes limit) {
  return record_limit(
      "memory.high", Limit::of(limit),
      [&] { memory.set_high(Limit::of(limit)); },
      [&] { return memory.high(); });
}

std::optional<Limit> read_limit(const MemoryController& memory,
                                std::string_view file) {
  return if_supported([&] {
    if (file == "memory.memsw.limit_in_bytes") return memory.memsw_max();
    if (file == "memory.swap.max") return memory.swap_max();
    if (file == "memory.high") return memory.high();
    return memory.max();
  });
}

bool needs_swap_limit(const Plan& plan,
                      const Environment& environment) noexcept {
  if (plan.swap.is_max()) return false;
  return environment.memory_version == Version::v2 ||
         environment.swap_total != Bytes{0};
}

bool is_in_force(const LimitRecord& record, Bytes asked) noexcept {
  return record.actual && !record.actual->is_max() &&
         record.actual->bytes() == cgroupfs::round_down_to_page(asked);
}

}  // namespace lab
