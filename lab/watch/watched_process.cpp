// SPDX-License-Identifier: MIT
#include "lab/watch/watched_process.h"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/os/pidfd.h"
#include "lab/os/proc_stat.h"
#include "lab/place/cgroup_path.h"
#include "lab/place/memory_access.h"

namespace lab {
namespace {

using cgroupfs::Version;

/// Whether a process with this id exists, even if /proc hides it.
bool exists(pid_t pid) noexcept {
  return ::kill(pid, 0) == 0 || errno == EPERM;
}

/// nullopt also for one that is hidden from this user (hidepid).
std::optional<ProcStat> visible_stat(pid_t pid) try {
  return proc_stat(pid);
} catch (const cgroupfs::FileError&) {
  return std::nullopt;
}

/// A leader that has exited is a zombie, too, while other threads are alive.
bool is_zombie(pid_t pid, const ProcStat& stat) try {
  if (stat.state != 'Z' && stat.state != 'X') return false;
  const auto threads =
      cgroupfs::Directory::try_open(fmt::format("/proc/{}/task", pid));
  return !threads || threads->subdirectories().size() <= 1;
} catch (const cgroupfs::FileError&) {
  return false;
}

[[noreturn]] void refuse_unseen(pid_t pid) {
  if (!exists(pid)) {
    throw UsageError(fmt::format(
        "there is no process {0}; for a cgroup of that name, write ./{0}",
        pid));
  }
  throw Unavailable(
      fmt::format("process {0} exists, but /proc/{0} does not show its cgroup "
                  "to this user (hidepid, or /proc of another PID namespace)",
                  pid),
      "run as root, or give the path of the cgroup", /*vm_helps=*/false);
}

[[noreturn]] void refuse_ended(pid_t pid, const char* how) {
  throw UsageError(fmt::format(
      "process {0} {1}; for a cgroup of that name, write ./{0}", pid, how));
}

}  // namespace

WatchedProcess::WatchedProcess(pid_t pid, const cgroupfs::Hierarchy& hierarchy)
    : pid_(pid),
      version_(hierarchy.version),
      mount_point_(hierarchy.mount_point),
      mount_root_(hierarchy.mount_root),
      pidfd_(open_pidfd(pid)) {
  const auto stat = visible_stat(pid);
  if (!stat) refuse_unseen(pid);
  start_time_ = stat->start_time;
  const auto path = membership();
  if (has_ended() && exists(pid)) refuse_ended(pid, "has ended (zombie)");
  if (!path) refuse_unseen(pid);
  if (is_of_exiting(*path)) refuse_ended(pid, "is exiting");
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
  ProcessChange change{ProcessChange::Kind::moved, pid_, cgroup_, {}, false};
  // The reading may belong to another process that has this id now.
  if (has_ended()) {
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

bool WatchedProcess::has_ended() const {
  if (pidfd_) return lab::has_ended(pidfd_);
  const auto stat = visible_stat(pid_);
  if (!stat) return !exists(pid_);
  return stat->start_time != start_time_ || is_zombie(pid_, *stat);
}

/// v1 shows the root for a process that is exiting.
bool WatchedProcess::is_of_exiting(const std::string& membership) const {
  if (version_ == Version::v2 || membership != "/") return false;
  const auto stat = visible_stat(pid_);
  return !stat || stat->exiting;
}

/// nullopt where it is not visible.
std::optional<std::string> WatchedProcess::membership() const try {
  return memory_membership(pid_, version_);
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
