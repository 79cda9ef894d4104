// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "cgroupfs/directory.h"
#include "cgroupfs/hierarchy.h"
#include "cgroupfs/interface_files.h"

namespace cgroupfs {

/// One cgroup: an open directory of a mounted hierarchy. A created one is
/// owned: its processes are killed and it is removed when the object is
/// destroyed. An opened one is borrowed and stays. Move-only.
class Cgroup {
 public:
  /// Makes directory `name` under `parent`. Throws FileError (EEXIST: a cgroup
  /// of that name exists, and is not changed).
  static Cgroup create(const Directory& parent, const std::string& name,
                       Version version);
  /// Opens the existing cgroup at `path`. Throws FileError.
  static Cgroup open(const std::string& path, Version version);
  /// As open(), but owned like a created one; for cleaning up.
  static Cgroup adopt(const Directory& parent, const std::string& name,
                      Version version);

  Cgroup(Cgroup&& other) noexcept = default;
  Cgroup& operator=(Cgroup&& other) noexcept;
  /// Kills and removes an owned cgroup, ignoring failures. Call remove() to
  /// have them reported.
  ~Cgroup();

  Version version() const noexcept { return version_; }
  const Directory& directory() const noexcept { return directory_; }
  const std::string& path() const noexcept { return directory_.path(); }
  /// A second, borrowed handle on the same cgroup. Throws FileError.
  Cgroup borrow() const;

  /// Whether this cgroup has `file`. Throws FileError.
  bool has(File file) const;
  /// Throws NotSupported where `file` is absent, and FileError (ENODEV) when
  /// the cgroup is gone.
  void require(File file) const;
  /// The content of `file`; nullopt where it is absent, or is a PSI file and
  /// PSI is disabled. Throws FileError, with ENODEV when the cgroup is gone.
  std::optional<std::string> read(File file) const;
  /// Writes `value` to `file`. Throws as require(), and FileError naming file
  /// and value.
  void write(File file, std::string_view value) const;
  /// Enables `controller` for the children in cgroup.subtree_control; on v1
  /// they always have it. Throws as write().
  void enable_for_children(std::string_view controller) const;

  /// Whether this object will remove the cgroup.
  bool owned() const noexcept { return place_ != nullptr; }
  /// Gives up ownership: the cgroup stays when this object is destroyed.
  void disown() noexcept { place_.reset(); }

  /// Moves process `pid` into it with all its threads (0: the caller), through
  /// cgroup.procs. Its earlier charges stay with its former cgroup. Throws as
  /// write().
  void add(pid_t pid) const;
  /// Processes that are members of this cgroup itself. Throws FileError
  /// (EOPNOTSUPP: a v2 threaded cgroup).
  std::vector<pid_t> processes() const;
  /// Those of this cgroup and its descendants. A threaded cgroup of v2 lists
  /// none: they are listed in its domain, an ancestor. Throws FileError.
  std::vector<pid_t> subtree_processes() const;
  /// Whether a live process is in this cgroup or a descendant: `populated` of
  /// cgroup.events on v2, a walk over cgroup.procs on v1. False when the cgroup
  /// is gone.
  bool populated() const;
  /// Sends SIGKILL to all processes in it and its descendants repeatedly until
  /// it is unpopulated: through cgroup.kill where the kernel has it, else pid
  /// by pid. The calling process is spared. Throws FileError (EBUSY) when a
  /// process is still alive after `timeout`.
  void kill(std::chrono::milliseconds timeout = std::chrono::seconds(5)) const;
  /// Removes the empty cgroup and its empty descendants. The kernel may return
  /// EBUSY for a short while after the last process has ended: retried until
  /// `timeout`. A cgroup that is already gone counts as removed; one that was
  /// renamed is removed under its new name. Afterwards the object owns nothing.
  /// Throws FileError, and std::logic_error for a borrowed one.
  void remove(std::chrono::milliseconds timeout = std::chrono::seconds(2));

 private:
  /// Where an owned cgroup is to be removed.
  struct Place {
    Directory parent;
    std::string name;
  };

  Cgroup(Directory directory, Version version,
         std::unique_ptr<Place> place) noexcept;
  void remove_renamed() const;

  Directory directory_;
  Version version_;
  std::unique_ptr<Place> place_;  ///< null when borrowed
};

}  // namespace cgroupfs
