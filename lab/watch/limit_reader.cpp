// SPDX-License-Identifier: MIT
#include "lab/watch/limit_reader.h"

#include <exception>
#include <utility>

#include "cgroupfs/text.h"
#include "lab/place/cgroup_path.h"

namespace lab {
namespace {

using cgroupfs::Capability;
using cgroupfs::Cgroup;
using cgroupfs::MemoryController;
using cgroupfs::MemoryFeature;
using cgroupfs::Version;

constexpr char memsw_usage[] = "memory.memsw.usage_in_bytes";

std::optional<LimitKind> kind_of(MemoryFeature feature) {
  switch (feature) {
    case MemoryFeature::max:
      return LimitKind::hard;
    case MemoryFeature::high:
      return LimitKind::high;
    case MemoryFeature::swap_max:
      return LimitKind::swap;
    case MemoryFeature::memsw_max:
      return LimitKind::memsw;
    default:
      return std::nullopt;
  }
}

/// In the order of LimitKind, so that of equal limits memory's comes first.
std::vector<LimitKind> kinds_of(const MemoryController& memory) {
  std::vector<LimitKind> kinds;
  for (const Capability& capability : memory.capabilities()) {
    const auto kind = kind_of(capability.feature);
    if (kind && capability.present) kinds.push_back(*kind);
  }
  return kinds;
}

/// Before Linux 5.11 a v1 cgroup could leave those below it uncharged.
bool charges_for_children(const Cgroup& group) {
  if (group.version() != Version::v1) return true;
  const auto text = group.directory().try_read("memory.use_hierarchy");
  return !text || cgroupfs::parse_flag(*text);
}

Limit read_limit(const MemoryController& memory, LimitKind kind) {
  switch (kind) {
    case LimitKind::high:
      return memory.high();
    case LimitKind::swap:
      return memory.swap_max();
    case LimitKind::memsw:
      return memory.memsw_max();
    case LimitKind::hard:
      break;
  }
  return memory.max();
}

Bytes read_usage(const Cgroup& group, const MemoryController& memory,
                 LimitKind kind) {
  if (kind == LimitKind::swap) return memory.swap_usage();
  if (kind != LimitKind::memsw) return memory.usage();
  return cgroupfs::parse_bytes(group.directory().read(memsw_usage));
}

}  // namespace

LimitReader::LimitReader(const WatchTarget& target) {
  const Version version = target.hierarchy.version;
  for (const std::string& path :
       upwards(target.path, target.hierarchy.mount_point)) {
    try {
      Cgroup group = Cgroup::open(path, version);
      if (!levels_.empty() && !charges_for_children(group)) return;
      auto memory = cgroupfs::open_memory(group);
      std::vector<LimitKind> kinds = kinds_of(*memory);
      levels_.push_back(
          {std::move(group), std::move(memory), std::move(kinds)});
    } catch (const std::exception&) {
      // The root of v2 has no limit; another may be closed to this user.
      continue;
    }
  }
}

std::vector<LimitReading> LimitReader::read() const {
  std::vector<LimitReading> readings;
  for (const Level& level : levels_) {
    for (const LimitKind kind : level.kinds) {
      readings.push_back(read_one(level, kind));
    }
  }
  return readings;
}

LimitReading LimitReader::read_one(const Level& level, LimitKind kind) {
  const Limit limit = read_limit(*level.memory, kind);
  return {level.group.path(), kind, limit,
          read_usage(level.group, *level.memory, kind)};
}

}  // namespace lab
