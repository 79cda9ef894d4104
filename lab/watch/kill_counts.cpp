// SPDX-License-Identifier: MIT
#include "lab/watch/kill_counts.h"

#include <sys/stat.h>

#include <utility>

#include "cgroupfs/error.h"

namespace lab {
namespace {

using cgroupfs::Directory;
using cgroupfs::File;
using cgroupfs::Version;

ino_t id_of(const Directory& directory) {
  struct stat status {};
  if (::fstat(directory.fd(), &status) != 0) {
    cgroupfs::throw_errno("stat", directory.path());
  }
  return status.st_ino;
}

/// v1. Cgroups may vanish during the walk.
void add_counts(const Directory& directory, const std::string& below,
                std::vector<KillCount>& counts) {
  const auto text =
      directory.try_read(name_of(File::memory_oom_control, Version::v1));
  if (text) {
    const auto kills = cgroupfs::parse_oom_control(*text).oom_kill;
    if (kills) counts.push_back({id_of(directory), below, *kills, 0});
  }
  for (const std::string& name : directory.subdirectories()) {
    try {
      add_counts(directory.open_directory(name), below + "/" + name, counts);
    } catch (const cgroupfs::FileError& error) {
      if (!cgroupfs::is_absent(error.code().value())) throw;
    }
  }
}

/// A count that fell belongs to another cgroup with the same id.
std::uint64_t rise(std::uint64_t before, std::uint64_t now) {
  return now < before ? now : now - before;
}

}  // namespace

std::vector<KillCount> read_kill_counts(
    const cgroupfs::Cgroup& group,
    const std::optional<cgroupfs::MemoryEvents>& events) {
  std::vector<KillCount> counts;
  if (group.version() == Version::v1) {
    add_counts(group.directory(), "", counts);
  } else if (events && events->oom_kill) {
    counts.push_back({id_of(group.directory()), "", *events->oom_kill,
                      events->oom_group_kill.value_or(0)});
  }
  return counts;
}

std::vector<KillCount> KillTotal::update(const std::vector<KillCount>& counts) {
  const bool first = !kills_;
  std::vector<KillCount> rises;
  std::unordered_map<ino_t, KillCount> seen;
  for (const KillCount& now : counts) {
    const auto place = last_.find(now.id);
    const KillCount before = place == last_.end() ? KillCount{} : place->second;
    KillCount more = now;
    more.kills = rise(before.kills, now.kills);
    more.group_kills = rise(before.group_kills, now.group_kills);
    kills_ = kills_.value_or(0) + more.kills;
    if (more.kills + more.group_kills > 0) rises.push_back(more);
    seen.emplace(now.id, now);
  }
  last_ = std::move(seen);
  if (first) rises.clear();
  return rises;
}

}  // namespace lab
