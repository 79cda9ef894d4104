// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lab/base/units.h"

/// Parsers for the files of /proc/PID that describe a process (proc(5)). They
/// access no files, and throw cgroupfs::ParseError.
namespace lab {

/// /proc/PID/status. Keys that this kernel lacks are nullopt or empty.
struct ProcStatusText {
  std::string name;
  std::string state;  ///< "S (sleeping)"
  pid_t pid = 0;      ///< of the thread
  pid_t process = 0;  ///< its thread group
  pid_t parent = 0;
  std::optional<std::uint64_t> threads;
  std::optional<std::uint64_t> uid;  ///< effective
  std::optional<std::uint64_t> gid;
  std::optional<Bytes> rss;
  std::optional<Bytes> anon;
  std::optional<Bytes> file;
  std::optional<Bytes> shmem;
  std::optional<Bytes> swap;
  /// Its id in each PID namespace, that of the reader's /proc first.
  std::vector<pid_t> pids;
  std::optional<std::uint64_t> capabilities;  ///< the effective set
  std::optional<bool> no_new_privs;
  std::optional<std::uint64_t> seccomp;  ///< mode: 0 none, 1 strict, 2 filter
  std::optional<std::uint64_t> seccomp_filters;
};
ProcStatusText parse_status_text(std::string_view text);

/// A line of uid_map or gid_map (user_namespaces(7)): `count` ids from `inside`
/// on are those from `outside` on in the reader's namespace.
struct IdRange {
  std::uint64_t inside = 0;
  std::uint64_t outside = 0;
  std::uint64_t count = 0;

  bool operator==(const IdRange&) const = default;
};
std::vector<IdRange> parse_id_map(std::string_view text);

/// The id in the reader's namespace of `inside`; nullopt: not mapped.
std::optional<std::uint64_t> mapped_id(const std::vector<IdRange>& map,
                                       std::uint64_t inside);

/// The names of the bits of a capability set, such as "cap_net_admin"; one that
/// linux/capability.h does not know is "cap_41".
std::vector<std::string> capability_names(std::uint64_t set);
/// The set of all capabilities up to `last`, the number of the kernel's last.
std::uint64_t all_capabilities(std::uint64_t last) noexcept;

/// The file system that a process has as its root.
struct RootFileSystem {
  std::string type;    ///< "overlay", "ext4"
  std::string source;  ///< as mounted
  bool read_only = false;
  /// overlay: how many lower directories; 0 for others.
  std::uint64_t lower_directories = 0;

  bool operator==(const RootFileSystem&) const = default;
};

/// From mountinfo; the last mount on "/" hides those before it. nullopt where
/// there is none.
std::optional<RootFileSystem> root_file_system(std::string_view mountinfo);

/// btime of /proc/stat: seconds since the epoch when the kernel booted.
std::uint64_t parse_boot_time(std::string_view text);

}  // namespace lab
