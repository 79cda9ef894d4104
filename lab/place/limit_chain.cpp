// SPDX-License-Identifier: MIT
#include "lab/place/limit_chain.h"

#include <algorithm>
#include <utility>

#include "cgroupfs/text.h"
#include "lab/place/cgroup_path.h"

namespace lab {
namespace {

using cgroupfs::Cgroup;
using cgroupfs::File;
using cgroupfs::Memory;

/// A limit and the usage that it limits. Of equal limits that of memory comes
/// first.
struct LimitFile {
  File limit;
  File usage;
};

constexpr LimitFile limit_files[] = {
    {File::memory_max, File::memory_current},
    {File::memory_high, File::memory_current},
    {File::memory_swap_max, File::memory_swap_current},
    {File::memory_memsw_max, File::memory_memsw_current},
};

/// Before Linux 5.11 a v1 cgroup need not count its descendants.
bool charges_for_children(const Cgroup& group) {
  const auto text = group.read(File::memory_use_hierarchy);
  return !text || cgroupfs::parse_flag(*text);
}

Bytes headroom(const LimitReading& reading) {
  const std::uint64_t limit = reading.limit.bytes().count;
  return {limit - std::min(limit, reading.usage.count)};
}

template <typename Counts>
std::optional<BindingLimit> tightest(const std::vector<LimitReading>& readings,
                                     const Counts& counts) {
  std::optional<BindingLimit> tightest;
  for (const LimitReading& reading : readings) {
    if (reading.limit.is_max() || !counts(reading.file)) continue;
    const Bytes room = headroom(reading);
    if (tightest && tightest->headroom <= room) continue;
    tightest = BindingLimit{reading.path, reading.file, reading.limit.bytes(),
                            reading.usage, room};
  }
  return tightest;
}

}  // namespace

std::optional<BindingLimit> binding_limit(
    const std::vector<LimitReading>& readings) {
  return tightest(readings, [](File file) {
    return file == File::memory_max || file == File::memory_memsw_max;
  });
}

std::optional<BindingLimit> binding_high(
    const std::vector<LimitReading>& readings) {
  return tightest(readings,
                  [](File file) { return file == File::memory_high; });
}

std::optional<BindingLimit> binding_swap(
    const std::vector<LimitReading>& readings) {
  return tightest(readings,
                  [](File file) { return file == File::memory_swap_max; });
}

OwnLimits limits_of(const std::string& path,
                    const std::vector<LimitReading>& readings) {
  const auto limit = [&](File file) -> std::optional<Limit> {
    for (const LimitReading& reading : readings) {
      if (reading.path == path && reading.file == file) return reading.limit;
    }
    return std::nullopt;
  };
  return {limit(File::memory_max), limit(File::memory_high),
          limit(File::memory_swap_max), limit(File::memory_memsw_max)};
}

std::vector<LimitReading> read_limits(const LimitLevel& level) {
  std::vector<LimitReading> readings;
  for (const LimitFile& file : limit_files) {
    const auto limit = level.memory.limit(file.limit);
    if (!limit) continue;
    const auto usage = file.usage == File::memory_current
                           ? std::optional(level.memory.usage())
                           : level.memory.bytes(file.usage);
    if (usage) readings.push_back({level.path, file.limit, *limit, *usage});
  }
  return readings;
}

LimitReader::LimitReader(const std::string& path,
                         const cgroupfs::Hierarchy& hierarchy) {
  for (const std::string& each : upwards(path, hierarchy.mount_point)) {
    try {
      const Cgroup group = Cgroup::open(each, hierarchy.version);
      if (!levels_.empty() && !charges_for_children(group)) return;
      Memory memory = Memory::open(group);
      levels_.push_back({each, std::move(memory)});
    } catch (const cgroupfs::NotSupported&) {
      // The root of v2.
      continue;
    } catch (const cgroupfs::FileError& error) {
      failures_.push_back(error);
    }
  }
}

std::vector<LimitReading> LimitReader::read() const {
  std::vector<LimitReading> readings;
  for (const LimitLevel& level : levels_) {
    const auto more = read_limits(level);
    readings.insert(readings.end(), more.begin(), more.end());
  }
  return readings;
}

}  // namespace lab
