// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cgroupfs/cgroup.h"

namespace lab {

/// Identity of a process beyond reuse of its pid: written into the names of the
/// cgroups that it makes, so that a later clean-up removes exactly orphans.
struct Owner {
  pid_t pid = 0;
  std::uint64_t start_time = 0;  ///< field 22 of /proc/PID/stat, clock ticks
  std::string boot_id;           ///< first 8 digits of the kernel's boot id

  bool operator==(const Owner&) const = default;
};

/// This process. Throws cgroupfs::FileError and cgroupfs::ParseError.
Owner this_process();

/// "cglab.<what>.<pid>-<start time>-<boot id>". `what` is lower-case letters,
/// digits and dashes.
std::string group_name(std::string_view what, const Owner& owner);

/// The name of a group that the user wants to keep: cleaning up passes it over.
std::string kept_group_name(std::string_view what, const Owner& owner);

/// Whether `name` is a kept_group_name().
bool is_kept(std::string_view name);
/// The owner in a kept_group_name(); nullopt for every other name.
std::optional<Owner> kept_by(std::string_view name);

/// The owner in a group_name(); nullopt for every other name, kept ones too.
std::optional<Owner> owner_of(std::string_view name);

/// Whether `owner` still runs: same boot, same start time, no zombie; true also
/// where that may not be known.
bool is_alive(const Owner& owner);

/// Marks `group` as in use until this process ends or closes it (flock on the
/// directory): holds across PID namespaces, where a pid in a name says nothing.
/// False when another process holds it.
bool lock_group(const cgroupfs::Cgroup& group) noexcept;
/// The same of a new one. Throws RunError when it is held, and
/// cgroupfs::FileError when the kernel refuses to lock.
void require_lock(const cgroupfs::Cgroup& group);

/// A clause: which process holds a lock (flock) on `directory`, by /proc/locks.
std::string locked_by(const cgroupfs::Directory& directory);

}  // namespace lab
