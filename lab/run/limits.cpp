// SPDX-License-Identifier: MIT
#include "lab/run/limits.h"

#include <fmt/format.h>

#include <algorithm>

#include "cgroupfs/error.h"
#include "lab/place/swap.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Memory;
using cgroupfs::Version;

/// Sizes are rounded down to a page by the kernel.
Limit as_kept(File file, Limit value, Version version) {
  return value.is_max() || !cgroupfs::holds_size(name_of(file, version))
             ? value
             : Limit::of(cgroupfs::round_down_to_page(value.bytes()));
}

/// v1 limits memory and swap together.
Limit both(const Memory& memory, Limit swap) {
  const Limit hard = memory.limit(File::memory_max).value_or(Limit::max());
  return swap.is_max() || hard.is_max()
             ? Limit::max()
             : Limit::of(add_saturated(hard.bytes(), swap.bytes()));
}

}  // namespace

std::string Written::text(const std::string& path) const {
  return fmt::format("{} of {}: requested {}, the kernel has {}{}", record.file,
                     path, record.asked,
                     record.actual ? to_string(*record.actual) : "none",
                     record.error ? fmt::format(" ({})", *record.error) : "");
}

std::optional<Limit> read_limit(const Memory& memory, File file) {
  if (file != File::memory_oom_control) return memory.limit(file);
  const auto control = memory.oom_control();
  if (!control) return std::nullopt;
  return Limit::of(Bytes{control->oom_kill_disable ? 1U : 0U});
}

Written write_limit(const Memory& memory, File file, Limit value) {
  const Version version = memory.version();
  Written written;
  written.record.file = name_of(file, version);
  written.record.asked = to_string(value);
  try {
    memory.set(file, value);
  } catch (const cgroupfs::FileError& error) {
    written.refused = error.code().value();
    written.record.error = error.code().message();
  }
  written.record.actual = read_limit(memory, file);
  written.in_force = written.refused == 0 &&
                     written.record.actual == as_kept(file, value, version);
  return written;
}

Written write_swap_limit(const Memory& memory, Limit swap) {
  const File file = swap_limit_file(memory.version());
  const Limit value = file == File::memory_swap_max ? swap : both(memory, swap);
  try {
    return write_limit(memory, file, value);
  } catch (const cgroupfs::NotSupported& lack) {
    Written written;
    written.record.file = name_of(file, memory.version());
    written.record.asked = to_string(value);
    written.record.error = lack.reason();
    return written;
  }
}

std::vector<Setting> with_swap_limit(std::vector<Setting> settings,
                                     const Plan& plan,
                                     const Environment& environment) {
  const auto has = [&](File file) { return has_setting(settings, file); };
  const bool claims = makes_claims(plan.procedure);
  const bool v2 = environment.memory_version == Version::v2;
  // Claims must not depend on a file that a host without swap lacks.
  const bool needed = host_swaps(environment).value_or(true) || (v2 && !claims);
  if (plan.swap.is_max() || has(File::memory_swap_max) || !needed) {
    return settings;
  }
  const Setting swap{File::memory_swap_max, plan.swap.bytes().count};
  // First on v2, or pages reclaimed by the hard limit could go to swap. v1
  // accepts no memsw limit below the hard one.
  if (v2) {
    settings.insert(settings.begin(), swap);
  } else if (claims && plan.swap == Limit::of(Bytes{0})) {
    // An equal limit on memory plus swap would be hit first, and
    // memory.failcnt, which claims use, would stay 0.
    settings.insert(settings.begin(),
                    {File::memory_swappiness, std::uint64_t{0}});
  } else if (has(File::memory_max)) {
    settings.push_back(swap);
  }
  return settings;
}

}  // namespace lab
