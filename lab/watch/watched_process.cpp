// SPDX-License-Identifier: MIT
#include "lab/watch/watched_process.h"

#include <fmt/format.h>

#include <utility>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/place/cgroup_path.h"
#include "lab/place/memory_access.h"

namespace lab {
namespace {

using cgroupfs::Version;

}  // namespace

WatchedProcess::WatchedProcess(pid_t pid, const cgroupfs::Hierarchy& hierarchy)
    : process_(pid),
      version_(hierarchy.version),
      mount_point_(hierarchy.mount_point),
      mount_root_(hierarchy.mount_root) {
  const auto path = membership();
  process_.require_alive();
  if (!path) process_.refuse_unseen();
  if (is_of_exiting(*path)) process_.refuse_exiting();
  if (!cgroupfs::rebase(*path, mount_root_)) {
    throw RunError(
        fmt::format("process {0} is in the memory cgroup {1} "
                    "(/proc/{0}/cgroup), which is outside {2}",
                    pid, *path, mount_point_));
  }
  cgroup_ = directory_of(*path);
}

std::optional<ProcessChange> WatchedProcess::look(const std::string& watched) {
  if (ended_) return std::nullopt;
  const auto path = membership();
  ProcessChange change{ProcessChange::Kind::moved, pid(), cgroup_, {}, false};
  // The reading may belong to another process that has this id now.
  if (process_.has_ended()) {
    ended_ = true;
    change.kind = ProcessChange::Kind::ended;
    return change;
  }
  if (!path) {
    if (std::exchange(hidden_, true)) return std::nullopt;
    change.kind = ProcessChange::Kind::hidden;
    return change;
  }
  if (is_of_exiting(*path)) return std::nullopt;
  hidden_ = false;
  change.to = directory_of(*path);
  if (change.to == cgroup_) return std::nullopt;
  change.inside = is_within(change.to, watched);
  cgroup_ = change.to;
  return change;
}

void WatchedProcess::note_rename(const GroupRename& rename) {
  if (is_within(cgroup_, rename.from)) {
    cgroup_ = rename.to + cgroup_.substr(rename.from.size());
  }
}

/// v1 shows the root for a process that is exiting.
bool WatchedProcess::is_of_exiting(const std::string& membership) const {
  if (version_ == Version::v2 || membership != "/") return false;
  return process_.is_exiting();
}

/// nullopt where it is not visible.
std::optional<std::string> WatchedProcess::membership() const try {
  return memory_membership(pid(), version_);
} catch (const cgroupfs::FileError&) {
  return std::nullopt;
}

/// A cgroup outside the mounted hierarchy has no directory: its name is kept.
std::string WatchedProcess::directory_of(const std::string& membership) const {
  const auto below = cgroupfs::rebase(membership, mount_root_);
  if (!below) return membership;
  return *below == "/" ? mount_point_ : mount_point_ + *below;
}

}  // namespace lab
