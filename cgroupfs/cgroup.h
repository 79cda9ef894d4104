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
/// owned: it is killed and removed with the object at the latest. An opened one
/// is borrowed: it stays. Move-only.
class Cgroup {
 public:
  /// Makes directory `name` under `parent`. Throws FileError (EEXIST: the name
  /// is taken; the cgroup there is not touched).
  static Cgroup create(const Directory& parent, const std::string& name,
                       Version version);
  /// Opens the cgroup at `path`, which somebody else made. Throws FileError.
  static Cgroup open(const std::string& path, Version version);
  /// As open(), but removed like a created one; for cleaning up.
  static Cgroup adopt(const Directory& parent, const std::string& name,
                      Version version);

  Cgroup(Cgroup&& other) noexcept = default;
  Cgroup& operator=(Cgroup&& other) noexcept;
  /// The fall-back of remove(): kills and removes an owned cgroup, and gives up
  /// silently. Call remove() to hear of failures.
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
  /// The content of `file`; nullopt where it is absent, or PSI and switched
  /// off. Throws FileError, with ENODEV when the cgroup is gone.
  std::optional<std::string> read(File file) const;
  /// Writes `value` to `file`. Throws as require(), and FileError naming file
  /// and value.
  void write(File file, std::string_view value) const;
  /// Enables `controller` for the children, by cgroup.subtree_control; on v1
  /// they have it anyway. Throws as write().
  void enable_for_children(std::string_view controller) const;

  /// Whether this object will remove the cgroup.
  bool owned() const noexcept { return place_ != nullptr; }
  /// Gives up ownership: the cgroup stays when this object goes.
  void disown() noexcept { place_.reset(); }

  /// Moves process `pid` in with all its threads (0: the caller), by
  /// cgroup.procs. Its earlier charges stay where they were made. Throws as
  /// write().
  void add(pid_t pid) const;
  /// Processes that are members of this very cgroup. Throws FileError
  /// (EOPNOTSUPP: a v2 threaded cgroup).
  std::vector<pid_t> processes() const;
  /// Those of this cgroup and all below it. A threaded cgroup of v2 lists none:
  /// its domain, above it, has them. Throws FileError.
  std::vector<pid_t> subtree_processes() const;
  /// Whether a live process is in this cgroup or below it: `populated` of
  /// cgroup.events on v2, a walk over cgroup.procs on v1. False when the cgroup
  /// is gone.
  bool populated() const;
  /// Sends SIGKILL to everything in it and below it, again and again until it
  /// is unpopulated: through cgroup.kill where the kernel has it, else pid by
  /// pid. The calling process is left out. Throws FileError (EBUSY) when
  /// something is alive after `timeout`.
  void kill(std::chrono::milliseconds timeout = std::chrono::seconds(5)) const;
  /// Removes the empty cgroup and the empty ones below it. The kernel may say
  /// EBUSY for a short while after the last process ended: tried again during
  /// `timeout`. A cgroup that is gone already is success, one that was renamed
  /// is removed by its new name; after it nothing is owned any more. Throws
  /// FileError, and std::logic_error for a borrowed one.
  void remove(std::chrono::milliseconds timeout = std::chrono::seconds(2));

 private:
  /// Where an owned cgroup has to be removed from.
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
