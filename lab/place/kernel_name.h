// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "cgroupfs/hierarchy.h"

namespace lab {

/// Whether a cgroup path from the kernel is the cgroup with this name ("/...",
/// the end of its path) or a descendant.
bool is_in_cgroup(std::string_view path, std::string_view name) noexcept;

/// Whether the kernel may have truncated `path` in its log, where a part of a
/// message has at most about 1000 bytes (PRINTKRB_RECORD_MAX, kernel/printk/).
bool may_be_cut(std::string_view path) noexcept;

/// Text as in /dev/kmsg: bytes that are not printable, and the backslash, as
/// "\\xHH" (Documentation/ABI/testing/dev-kmsg).
std::string log_escaped(std::string_view text);
/// Text from /dev/kmsg with all of its bytes restored: the path of a directory.
std::string unescaped_log_text(std::string_view text);
/// A path from the log with its backslashes restored, which names of systemd
/// contain; bytes that are not printable stay escaped.
std::string unescaped_path(std::string_view path);

/// Recognises a cgroup and its descendants by their names in the kernel log,
/// which begin at the root of the hierarchy.
class KernelName {
 public:
  /// `whole`: this process sees the hierarchy from its root, so that names are
  /// equal; otherwise only their ends are.
  KernelName(const std::string& path, bool whole);
  /// The name of the cgroup at `path` of a mounted hierarchy.
  static KernelName of(const std::string& path,
                       const cgroupfs::Hierarchy& hierarchy);

  /// Whether `memcg` is this cgroup.
  bool is(std::string_view memcg) const noexcept;
  /// Whether `memcg` is this cgroup or a descendant; false where the name is
  /// unknown.
  bool holds(std::string_view memcg) const noexcept;

 private:
  std::string path_;  ///< empty: the root that is visible
  bool whole_;
};

}  // namespace lab
