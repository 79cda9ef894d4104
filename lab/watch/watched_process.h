// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "cgroupfs/hierarchy.h"
#include "lab/place/foreign_process.h"
#include "lab/watch/sample.h"

namespace lab {

/// The process by which a cgroup is found.
class WatchedProcess {
 public:
  /// Throws UsageError where there is no such process or it is a zombie,
  /// Unavailable where this user may not see it, RunError where its cgroup is
  /// outside the mounted hierarchy.
  WatchedProcess(pid_t pid, const cgroupfs::Hierarchy& hierarchy);

  pid_t pid() const noexcept { return process_.pid(); }
  /// Readable when it has ended; -1: only look() detects that.
  int fd() const noexcept { return process_.fd(); }
  /// The directory of the memory cgroup in which it was last seen.
  const std::string& cgroup() const noexcept { return cgroup_; }
  /// Its change since the last call; nullopt without one. Each change is
  /// reported once. `watched` is the directory of the watched cgroup. Throws
  /// cgroupfs::ParseError.
  std::optional<ProcessChange> look(const std::string& watched);
  /// A cgroup was renamed.
  void note_rename(const GroupRename& rename);

 private:
  bool is_of_exiting(const std::string& membership) const;
  std::optional<std::string> membership() const;
  std::string directory_of(const std::string& membership) const;

  ForeignProcess process_;
  cgroupfs::Version version_;
  std::string mount_point_;
  std::string mount_root_;
  std::string cgroup_;
  bool hidden_ = false;  ///< and reported so
  bool ended_ = false;   ///< and reported so
};

}  // namespace lab
