// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/directory.h"
#include "lab/base/errors.h"

namespace lab {

/// The name of the leaf that processes are moved to, so that the cgroup above
/// may hand controllers to its children (cgroup-v2.rst, "No Internal Process
/// Constraint"). It has no owner in it: runs at the same time share it.
inline constexpr std::string_view leaf_name = "cglab.supervisor";

/// That of a scope, which no other run shares.
inline constexpr std::string_view scope_leaf_name = "supervisor";

/// For the lock of a leaf, which runs share, and exclude others from only while
/// they undo it.
inline constexpr std::chrono::milliseconds lock_timeout(2000);

/// Takes part in the leaf `leaf_name` of a v2 cgroup. The last to leave undoes
/// what the first has done.
class Leaf {
 public:
  /// Makes the leaf below `parent`, moves all processes of `parent` there and
  /// hands memory, and pids where it is, to the children of `parent`. Undoes
  /// all when a step fails. Throws cgroupfs::FileError and RunError, which is
  /// Locked when another process keeps the leaf locked, and Interrupted.
  static Leaf make(const cgroupfs::Directory& parent);
  /// Joins the leaf that other runs have made; nullopt when there is none.
  /// Waits for its lock at most `timeout`. Throws as make().
  static std::optional<Leaf> join(
      const cgroupfs::Directory& parent,
      std::chrono::milliseconds timeout = lock_timeout);

  /// Another process keeps it locked.
  class Locked : public RunError {
   public:
    using RunError::RunError;
  };

  Leaf(Leaf&&) noexcept = default;
  Leaf& operator=(Leaf&&) = delete;
  /// The fall-back of leave(): gives up silently.
  ~Leaf();

  /// Whether nobody else uses the leaf now.
  bool is_unused() const noexcept;
  /// A clause: by whom it is used.
  std::string locked_by() const;
  /// When nobody else uses the leaf and no other cgroup depends on it: takes
  /// the controllers back from the children, moves the processes back and
  /// removes it. Returns whether it did. Throws cgroupfs::FileError.
  bool leave();
  /// Leaves everything as it is.
  void disown() noexcept { left_ = true; }

 private:
  Leaf(cgroupfs::Directory parent, cgroupfs::Cgroup group);

  cgroupfs::Directory parent_;
  cgroupfs::Cgroup group_;
  bool left_ = false;
};

/// Makes the leaf `name` in a cgroup of which this process is the only member,
/// moves it there, and hands memory, and pids where it is, to the children.
/// Throws cgroupfs::FileError.
void move_self_aside(const cgroupfs::Directory& parent,
                     const std::string& name);

}  // namespace lab
