// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cgroupfs/cgroup.h"

namespace lab {

/// Identity of a process that survives reuse of its pid: part of the names of
/// its cgroups, so that a later clean-up removes only orphans.
struct Owner {
  pid_t pid = 0;
  std::uint64_t start_time = 0;  ///< field 22 of /proc/PID/stat, clock ticks
  std::string boot_id;           ///< first 8 digits of the kernel's boot id

  bool operator==(const Owner&) const = default;
};

/// The identity of this process. Throws cgroupfs::FileError and
/// cgroupfs::ParseError.
Owner this_process();

/// "cglab.<what>.<pid>-<start time>-<boot id>". `what` is lower-case letters,
/// digits and dashes.
std::string group_name(std::string_view what, const Owner& owner);

/// The name of a group that the user keeps: cleaning up skips it.
std::string kept_group_name(std::string_view what, const Owner& owner);

/// Whether `name` is a kept_group_name().
bool is_kept(std::string_view name);
/// The owner in a kept_group_name(); nullopt for every other name.
std::optional<Owner> kept_by(std::string_view name);

/// The owner in a group_name(); nullopt for every other name, kept ones too.
std::optional<Owner> owner_of(std::string_view name);

/// Whether `owner` still runs: same boot, same start time, not a zombie; true
/// also where that cannot be determined.
bool is_alive(const Owner& owner);

/// Marks `group` as in use until this process ends or closes it (flock on the
/// directory): works across PID namespaces, where the pid in the name is
/// meaningless. False when another process holds it.
bool lock_group(const cgroupfs::Cgroup& group) noexcept;
/// The same for a new one. Throws RunError when it is locked, and
/// cgroupfs::FileError when the kernel cannot lock it.
void require_lock(const cgroupfs::Cgroup& group);

/// A clause: which process holds a lock (flock) on `directory`, from
/// /proc/locks.
std::string locked_by(const cgroupfs::Directory& directory);

}  // namespace lab
