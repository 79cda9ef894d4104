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

/// The name of the leaf that processes are moved to, so that its parent may
/// enable controllers for its children (cgroup-v2.rst, "No Internal Process
/// Constraint"). It does not contain an owner: concurrent runs share it.
inline constexpr std::string_view leaf_name = "cglab.supervisor";

/// The name in a scope, which no other run shares.
inline constexpr std::string_view scope_leaf_name = "supervisor";

/// For the lock of a leaf: runs share it, and lock it exclusively only to undo
/// it.
inline constexpr std::chrono::milliseconds lock_timeout(2000);

/// A share in the leaf `leaf_name` of a v2 cgroup. The last run to leave undoes
/// what the first has done.
class Leaf {
 public:
  /// Creates the leaf in `parent`, moves all processes of `parent` there and
  /// enables memory, and pids if available, for the children of `parent`.
  /// Undoes everything when a step fails. Throws cgroupfs::FileError and
  /// RunError, which is Locked when another process keeps the leaf locked, and
  /// Interrupted.
  static Leaf make(const cgroupfs::Directory& parent);
  /// Joins the leaf that other runs have created; nullopt when there is none.
  /// Waits for its lock at most `timeout`. Throws as make().
  static std::optional<Leaf> join(
      const cgroupfs::Directory& parent,
      std::chrono::milliseconds timeout = lock_timeout);

  /// Another process holds its lock.
  class Locked : public RunError {
   public:
    using RunError::RunError;
  };

  Leaf(Leaf&&) noexcept = default;
  Leaf& operator=(Leaf&&) = delete;
  /// As leave(), ignoring failures.
  ~Leaf();

  /// Whether no other run uses the leaf now.
  bool is_unused() const noexcept;
  /// A clause: which process uses it.
  std::string locked_by() const;
  /// When no other run uses the leaf and no other cgroup depends on it:
  /// disables the controllers for the children, moves the processes back and
  /// removes the leaf. Returns whether it did. Throws cgroupfs::FileError.
  bool leave();
  /// Leaves everything unchanged.
  void disown() noexcept { left_ = true; }

 private:
  Leaf(cgroupfs::Directory parent, cgroupfs::Cgroup group);

  cgroupfs::Directory parent_;
  cgroupfs::Cgroup group_;
  bool left_ = false;
};

/// Creates the leaf `name` in a cgroup whose only member is this process, moves
/// it there, and enables memory, and pids if available, for the children.
/// Throws cgroupfs::FileError.
void move_self_aside(const cgroupfs::Directory& parent,
                     const std::string& name);

}  // namespace lab
