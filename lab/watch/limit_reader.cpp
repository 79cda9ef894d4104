// SPDX-License-Identifier: MIT
#include "lab/watch/limit_reader.h"

#include <exception>
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

}  // namespace

LimitReader::LimitReader(const WatchTarget& target) {
  for (const std::string& path :
       upwards(target.path, target.hierarchy.mount_point)) {
    try {
      const Cgroup group = Cgroup::open(path, target.hierarchy.version);
      if (!levels_.empty() && !charges_for_children(group)) return;
      Memory memory = Memory::open(group);
      levels_.push_back({path, std::move(memory)});
    } catch (const std::exception&) {
      // The root of v2 has no limit; others may be inaccessible to this user.
      continue;
    }
  }
}

std::vector<LimitReading> LimitReader::read() const {
  std::vector<LimitReading> readings;
  for (const auto& [path, memory] : levels_) {
    for (const LimitFile& file : limit_files) {
      const auto limit = memory.limit(file.limit);
      if (!limit) continue;
      const auto usage = file.usage == File::memory_current
                             ? std::optional(memory.usage())
                             : memory.bytes(file.usage);
      if (usage) readings.push_back({path, file.limit, *limit, *usage});
    }
  }
  return readings;
}

}  // namespace lab
