// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "cgroupfs/hierarchy.h"
#include "cgroupfs/unique_fd.h"
#include "lab/watch/sample.h"

namespace lab {

/// The process by which a cgroup is found. It is identified by a pidfd or,
/// where that is forbidden (a seccomp filter) or `pid` is that of a thread, by
/// its start time: it is never confused with another process that gets its id.
class WatchedProcess {
 public:
  /// Throws UsageError where there is no such process or it is a zombie,
  /// Unavailable where this user may not see it, RunError where its cgroup is
  /// outside the mounted hierarchy.
  WatchedProcess(pid_t pid, const cgroupfs::Hierarchy& hierarchy);

  pid_t pid() const noexcept { return pid_; }
  /// Readable when it has ended; -1: only look() detects that.
  int fd() const noexcept { return pidfd_.get(); }
  /// The directory of the memory cgroup in which it was last seen.
  const std::string& cgroup() const noexcept { return cgroup_; }
  /// Its change since the last call; nullopt without one. Each change is
  /// reported once. `watched` is the directory of the watched cgroup. Throws
  /// cgroupfs::ParseError.
  std::optional<ProcessChange> look(const std::string& watched);
  /// A cgroup was renamed.
  void note_rename(const GroupRename& rename);

 private:
  bool has_ended() const;
  bool is_of_exiting(const std::string& membership) const;
  std::optional<std::string> membership() const;
  std::string directory_of(const std::string& membership) const;

  pid_t pid_;
  cgroupfs::Version version_;
  std::string mount_point_;
  std::string mount_root_;
  cgroupfs::UniqueFd pidfd_;
  std::uint64_t start_time_ = 0;
  std::string cgroup_;
  bool hidden_ = false;  ///< and reported so
  bool ended_ = false;   ///< and reported so
};

}  // namespace lab
