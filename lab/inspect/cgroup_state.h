// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cgroupfs/mountinfo.h"
#include "lab/inspect/inspection.h"

/// What the files of cgroups say. Whatever cannot be read is added to the gaps.
namespace lab {

/// The hierarchy of which the directory `mount_root` is mounted at
/// `mount_point`.
cgroupfs::Hierarchy hierarchy_at(cgroupfs::Version version,
                                 const std::string& mount_point,
                                 const std::string& mount_root = "/");

cgroupfs::Version version_of(const cgroupfs::Mount& mount);

/// The cgroups of `pid` in all hierarchies, those with a limit first. Throws
/// cgroupfs::FileError where /proc/PID/cgroup is not readable, and
/// cgroupfs::ParseError.
std::vector<CgroupPlace> places_of(pid_t pid,
                                   const std::vector<cgroupfs::Mount>& mounts);

/// A cgroup that is inspected by its directory.
struct CgroupPlaces {
  std::optional<CgroupPlace> own;  ///< nullopt: in no mounted hierarchy
  /// `own`, and in other hierarchies the cgroups of `member`, in the order of
  /// places_of(): there the same path may be that of an unrelated cgroup.
  std::vector<CgroupPlace> all;
  /// A process in the cgroup; nullopt where `all` has only `own`.
  std::optional<pid_t> member;
};

/// Of the cgroup at `directory`. `shown` is preferred as its member.
CgroupPlaces places_at(const std::string& directory,
                       const std::vector<cgroupfs::Mount>& mounts,
                       std::optional<pid_t> shown);

/// Whether a mounted hierarchy of v1 has `controller`.
bool is_on_v1(std::string_view controller,
              const std::vector<cgroupfs::Mount>& mounts);

/// The place in the hierarchy with `controller`, on v2 where there is no other;
/// nullptr without one.
const CgroupPlace* place_with(const std::vector<CgroupPlace>& places,
                              std::string_view controller);

/// The chain of memory limits of the cgroup that is charged for `place`;
/// nullopt where there is none.
std::optional<MemoryState> read_memory_state(const CgroupPlace& place,
                                             Gaps& gaps);
/// The chains of the other limits.
Chain<PidsLevel> read_pids_levels(const CgroupPlace& place, Gaps& gaps);
Chain<CpuLevel> read_cpu_levels(const CgroupPlace& place, Gaps& gaps);

/// The processes in the cgroup at `place` and its descendants.
std::optional<Members> read_members(const CgroupPlace& place, Gaps& gaps);

/// A cpu.max line: "max 100000" or "50000 100000".
struct CpuMax {
  std::optional<std::uint64_t> quota_us;  ///< nullopt: no limit
  std::uint64_t period_us = 0;

  bool operator==(const CpuMax&) const = default;
};
/// Throws cgroupfs::ParseError.
CpuMax parse_cpu_max(std::string_view text);

}  // namespace lab
