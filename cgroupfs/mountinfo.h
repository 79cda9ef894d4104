// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cgroupfs {

/// One line of /proc/PID/mountinfo (proc(5)), octal escapes undone.
struct Mount {
  unsigned id = 0;
  unsigned parent_id = 0;   ///< of the mount that holds the mount point
  std::string root;         ///< directory of the file system that is mounted
  std::string mount_point;  ///< where, relative to the process' root
  std::vector<std::string> options;        ///< per mount: "rw", "nosuid"
  std::string type;                        ///< "cgroup", "cgroup2", "tmpfs"
  std::string source;                      ///< may be "-" itself
  std::vector<std::string> super_options;  ///< per file system: "memory"

  bool operator==(const Mount&) const = default;
};

/// Parses mountinfo text. Zero or more optional fields end at the first " - ".
/// Throws ParseError naming the line.
std::vector<Mount> parse_mountinfo(std::string_view text);

/// Whether a path leads to `mount`, one of `mounts`: false when another mount
/// covers it or an ancestor directory of its mount point.
bool is_reachable(const Mount& mount, const std::vector<Mount>& mounts);

/// `text` with mountinfo's octal escapes (\040 and the like) undone. Any other
/// backslash is kept.
std::string unescape_octal(std::string_view text);

}  // namespace cgroupfs
