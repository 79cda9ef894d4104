// SPDX-License-Identifier: MIT
#include "lab/place/limiting_cgroup.h"

#include <fmt/format.h>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "cgroupfs/interface_files.h"
#include "cgroupfs/text.h"
#include "lab/place/cgroup_path.h"

namespace lab {
namespace {

using cgroupfs::Directory;
using cgroupfs::File;
using cgroupfs::Version;

constexpr File limits[] = {File::memory_max, File::memory_high,
                           File::memory_swap_max, File::memory_memsw_max};

/// max where the file is absent: a v2 cgroup without the memory controller is
/// limited only by its ancestors.
Limit read_limit(const Directory& directory, const std::string& file,
                 Version version) {
  const auto text = directory.try_read(file);
  if (!text) return Limit::max();
  return version == Version::v1
             ? cgroupfs::parse_limit_v1(*text, cgroupfs::page_size())
             : cgroupfs::parse_limit_v2(*text);
}

std::optional<LimitingCgroup> limit_at(const std::string& path,
                                       Version version) {
  const auto directory = Directory::try_open(path);
  if (!directory) return std::nullopt;
  for (const File file : limits) {
    if (!is_on(file, version)) continue;
    const std::string name = name_of(file, version);
    const Limit limit = read_limit(*directory, name, version);
    if (!limit.is_max()) return LimitingCgroup{path, name, limit.bytes()};
  }
  return std::nullopt;
}

/// Unreadable files do not prevent a run.
std::optional<LimitingCgroup> visible_limit_at(const std::string& path,
                                               Version version) {
  try {
    return limit_at(path, version);
  } catch (const cgroupfs::FileError&) {
    return std::nullopt;
  }
}

}  // namespace

std::string LimitingCgroup::describe() const {
  return fmt::format("{}, whose {} is {}", path, file, human_size(limit));
}

std::optional<LimitingCgroup> nearest_limiting_cgroup(
    const cgroupfs::Hierarchy& hierarchy) {
  const auto own = hierarchy.own_directory();
  if (!own) return std::nullopt;
  for (const std::string& path : upwards(*own, hierarchy.mount_point)) {
    if (path == hierarchy.mount_point) break;
    if (auto found = visible_limit_at(path, hierarchy.version)) return found;
  }
  return std::nullopt;
}

}  // namespace lab
