// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/interface_files.h"
#include "cgroupfs/pressure.h"
#include "lab/base/units.h"
#include "lab/record/record.h"

/// What is seen of a cgroup that others made, as plain data. A value that could
/// not be had is nullopt, never an invented zero.
namespace lab {

/// When something was seen.
struct Moment {
  std::chrono::system_clock::time_point wall;
  nanoseconds elapsed{0};  ///< since the watch began
};

/// One limit file of one cgroup and what is charged against it.
struct LimitReading {
  std::string path;  ///< the cgroup's directory
  cgroupfs::File file = cgroupfs::File::memory_max;
  Limit limit = Limit::max();
  Bytes usage;

  bool operator==(const LimitReading&) const = default;
};

/// The limit that leaves least room.
struct BindingLimit {
  std::string path;
  cgroupfs::File file = cgroupfs::File::memory_max;
  Bytes limit;
  Bytes usage;
  Bytes headroom;  ///< 0 when usage is above the limit

  bool operator==(const BindingLimit&) const = default;
};

/// The limits of the cgroup itself.
struct OwnLimits {
  std::optional<Limit> hard;
  std::optional<Limit> high;
  std::optional<Limit> swap;
  std::optional<Limit> memsw;
};

/// The cgroup at one moment.
struct WatchSample {
  Moment moment;
  Bytes usage;
  OwnLimits limits;
  std::optional<BindingLimit> binding;  ///< nullopt: nothing limits it
  std::optional<BindingLimit> binding_high;
  std::optional<Bytes> swap;
  std::optional<Bytes> peak;
  std::optional<double> rate;  ///< bytes a second since the sample before
  Counters counters;
  std::optional<bool> under_oom;               ///< v1
  Counters growth;                             ///< since the sample before
  std::optional<cgroupfs::Pressure> pressure;  ///< v2 with PSI
  std::optional<std::size_t> processes;        ///< of the subtree, as usage is
};

/// OOM kills in the cgroup or a descendant.
struct WatchedKill {
  std::uint64_t count = 1;
  std::optional<Victim> victim;
  std::optional<std::string> victim_absent_because;
};

/// Somebody changed a limit of the cgroup or above it.
struct LimitChange {
  std::string path;
  cgroupfs::File file = cgroupfs::File::memory_max;
  Limit from = Limit::max();
  Limit to = Limit::max();

  bool operator==(const LimitChange&) const = default;
};

/// What has become of the process that the cgroup was found by.
struct ProcessChange {
  enum class Kind {
    moved,
    ended,
    hidden,  ///< /proc does not show it any more (hidepid)
  };

  Kind kind = Kind::moved;
  pid_t pid = 0;
  std::string from;  ///< the directory of the cgroup that it was last seen in
  /// Where it is now, when it has moved. A cgroup outside of what is mounted
  /// has no directory: the name of /proc/PID/cgroup then.
  std::string to;
  bool inside = false;  ///< `to` is the watched cgroup or a descendant

  bool operator==(const ProcessChange&) const = default;
};

/// The watched cgroup has another name, as a v1 cgroup may get, or one above
/// it has.
struct GroupRename {
  std::string from;  ///< directories
  std::string to;
};

/// What is watched.
struct WatchStart {
  Moment moment;
  std::string path;
  cgroupfs::Version version = cgroupfs::Version::v2;
  std::optional<pid_t> pid;  ///< by which it was found
  nanoseconds interval{0};
  /// Why victims of OOM kills will not be named.
  std::optional<std::string> victims_absent_because;
  /// Why kills in a child cgroup that is removed between two readings will not
  /// be seen.
  std::optional<std::string> kills_missed_because;
};

/// Why a watch ended.
enum class WatchEndReason { gone, count_reached, interrupted, reader_gone };

/// "gone" and so on, as in records.
std::string_view to_string(WatchEndReason reason) noexcept;

/// What was seen in all.
struct WatchEnd {
  Moment moment;
  WatchEndReason reason = WatchEndReason::gone;
  std::optional<int> signal;  ///< that interrupted it
  std::uint64_t samples = 0;
  std::optional<Bytes> highest_usage;  ///< of the samples
  std::optional<Bytes> peak;           ///< the kernel's, when last read
  std::uint64_t oom_kills = 0;
  std::uint64_t limit_changes = 0;
  bool made_again = false;  ///< gone, and another cgroup has its name now
};

}  // namespace lab
