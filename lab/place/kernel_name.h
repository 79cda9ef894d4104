// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "cgroupfs/hierarchy.h"

namespace lab {

/// Whether a cgroup path of the kernel's is the cgroup of this name ("/...",
/// the tail of its path) or a descendant.
bool is_in_cgroup(std::string_view path, std::string_view name) noexcept;

/// Whether the kernel may have cut `path` in its log, where a part of a message
/// has about 1000 bytes at most (PRINTKRB_RECORD_MAX, kernel/printk/).
bool may_be_cut(std::string_view path) noexcept;

/// Text as /dev/kmsg has it: bytes that are not printable, and the backslash,
/// as
/// "\\xHH" (Documentation/ABI/testing/dev-kmsg).
std::string log_escaped(std::string_view text);
/// A path of the log's with its backslashes, which systemd's names have; what
/// is not printable stays as it is there.
std::string unescaped_path(std::string_view path);

/// Recognises a cgroup and its descendants by the names in the kernel's log,
/// which are from the root of the hierarchy.
class KernelName {
 public:
  /// `whole`: this process sees the hierarchy from its root, so that names are
  /// equal; else only their tails are.
  KernelName(std::string path, bool whole);
  /// Of the cgroup at `path` of a mounted hierarchy.
  static KernelName of(const std::string& path,
                       const cgroupfs::Hierarchy& hierarchy);

  /// Whether `memcg` is this cgroup.
  bool is(std::string_view memcg) const noexcept;
  /// Whether `memcg` is this cgroup or a descendant; false where nothing of the
  /// name is known.
  bool holds(std::string_view memcg) const noexcept;

 private:
  std::string path_;  ///< empty: the root of what is seen
  bool whole_;
};

}  // namespace lab
