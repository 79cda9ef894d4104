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

/// The process that a cgroup is found by. It is held by a pidfd or, where that
/// is forbidden (a seccomp filter) or `pid` is that of a thread, known by its
/// start time: another process that gets its id is never taken for it.
class WatchedProcess {
 public:
  /// Throws UsageError where there is no such process or it is a zombie,
  /// Unavailable where this user may not see it, RunError where its cgroup lies
  /// outside of what is mounted.
  WatchedProcess(pid_t pid, const cgroupfs::Hierarchy& hierarchy);

  pid_t pid() const noexcept { return pid_; }
  /// Readable when it has ended; -1: only look() notices that.
  int fd() const noexcept { return pidfd_.get(); }
  /// The directory of the memory cgroup in which it was last seen.
  const std::string& cgroup() const noexcept { return cgroup_; }
  /// What has become of it since it was last looked at; nullopt when nothing
  /// has. Each is reported once. `watched` is the directory of the cgroup that
  /// is watched. Throws cgroupfs::ParseError.
  std::optional<ProcessChange> look(const std::string& watched);
  /// A cgroup has another name.
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
