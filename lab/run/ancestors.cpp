// SPDX-License-Identifier: MIT
#include "lab/run/ancestors.h"

#include <utility>

#include "cgroupfs/error.h"
#include "lab/place/cgroup_path.h"
#include "lab/place/memory_access.h"
#include "lab/run/readings.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Version;

/// On v2 memory.events.local has this information.
std::optional<cgroupfs::OomWatch> try_watch(const Ancestor& ancestor,
                                            Version version) {
  if (version == Version::v2) return std::nullopt;
  try {
    auto watch = cgroupfs::OomWatch::open(
        cgroupfs::Cgroup::open(ancestor.path, version));
    watch.drain();  // one that is already under OOM notifies at once
    return watch;
  } catch (const cgroupfs::NotSupported&) {
    return std::nullopt;
  } catch (const cgroupfs::FileError&) {
    return std::nullopt;
  }
}

}  // namespace

Ancestors::Ancestors(const std::string& directory,
                     const std::string& mount_point, Version version,
                     Watch watch)
    : complete_(is_root(cgroupfs::Directory::open(mount_point), version)) {
  for (const std::string& path : upwards(directory, mount_point)) {
    // The root of a v2 hierarchy has no limit.
    const bool unlimited = version == Version::v2 && path == mount_point;
    if (unlimited && complete_) continue;
    auto memory = try_open_memory(path, version);
    if (!memory) {
      complete_ = false;
      continue;
    }
    Ancestor record;
    record.path = path;
    record.max = memory->limit(File::memory_max);
    if (!record.max) continue;
    // A cgroup without a limit cannot be hit.
    const bool limited = !record.max->is_max();
    if (limited) record.hits_before = read_limit_hits(*memory);
    // The root gets none.
    const bool watched =
        limited || (watch == Watch::all && path != mount_point);
    entries_.push_back({*std::move(memory),
                        watched ? try_watch(record, version) : std::nullopt,
                        record});
  }
}

std::vector<std::string> Ancestors::disabled_oom_killers() const {
  std::vector<std::string> paths;
  for (const Entry& entry : entries_) {
    if (waits_for_memory(entry.memory)) paths.push_back(entry.record.path);
  }
  return paths;
}

void Ancestors::read_again(Entry& entry) try {
  Ancestor& record = entry.record;
  if (record.hits_before) record.hits_after = read_limit_hits(entry.memory);
  if (entry.watch) record.notifications = entry.watch->drain();
  // Whether one that was limited meanwhile was hit is unknown.
  if (entry.memory.limit(File::memory_max) != record.max) {
    record.max = std::nullopt;
  }
} catch (const cgroupfs::FileError&) {
  // It was removed meanwhile, which also sends a notification.
  entry.record.max = std::nullopt;
  entry.record.hits_after = std::nullopt;
  entry.record.notifications = std::nullopt;
}

std::vector<Ancestor> Ancestors::finish() {
  std::vector<Ancestor> records;
  for (Entry& entry : entries_) {
    read_again(entry);
    records.push_back(std::move(entry.record));
  }
  return records;
}

}  // namespace lab
