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
#include "lab/place/limit_chain.h"
#include "lab/record/record.h"

/// Observations of an existing cgroup, as plain data. An unavailable value is
/// nullopt, never an invented zero.
namespace lab {

/// The time of an observation.
struct Moment {
  std::chrono::system_clock::time_point wall;
  nanoseconds elapsed{0};  ///< since the watch began
};

/// The cgroup at one moment.
struct WatchSample {
  Moment moment;
  Bytes usage;
  OwnLimits limits;
  std::optional<BindingLimit> binding;  ///< nullopt: there is none
  std::optional<BindingLimit> binding_high;
  std::optional<Bytes> swap;
  std::optional<Bytes> peak;
  std::optional<double> rate;  ///< bytes per second since the previous sample
  Counters counters;
  std::optional<bool> under_oom;               ///< v1
  Counters growth;                             ///< since the previous sample
  std::optional<cgroupfs::Pressure> pressure;  ///< v2 with PSI
  std::optional<std::size_t> processes;  ///< of the subtree, like the usage
};

/// OOM kills in the cgroup or a descendant.
struct WatchedKill {
  std::uint64_t count = 1;
  std::optional<Victim> victim;
  std::optional<Text> victim_absent_because;
};

/// A limit of the cgroup or of an ancestor was changed.
struct LimitChange {
  std::string path;
  cgroupfs::File file = cgroupfs::File::memory_max;
  Limit from = Limit::max();
  Limit to = Limit::max();

  bool operator==(const LimitChange&) const = default;
};

/// A change of the process by which the cgroup was found.
struct ProcessChange {
  enum class Kind {
    moved,
    ended,
    hidden,  ///< /proc no longer shows it (hidepid)
  };

  Kind kind = Kind::moved;
  pid_t pid = 0;
  std::string from;  ///< the directory of the cgroup in which it was last seen
  /// Its present cgroup, if it has moved. A cgroup outside the mounted
  /// hierarchy has no directory: then its name in /proc/PID/cgroup.
  std::string to;
  bool inside = false;  ///< `to` is the watched cgroup or a descendant

  bool operator==(const ProcessChange&) const = default;
};

/// The watched cgroup (v1) or an ancestor was renamed.
struct GroupRename {
  std::string from;  ///< directories
  std::string to;
};

/// The start of a watch.
struct WatchStart {
  Moment moment;
  std::string path;
  cgroupfs::Version version = cgroupfs::Version::v2;
  std::optional<pid_t> pid;  ///< by which it was found
  nanoseconds interval{0};
  /// Why victims of OOM kills cannot be named.
  std::optional<Text> victims_absent_because;
  /// Why kills in a child cgroup that is removed between two readings are not
  /// seen.
  std::optional<Text> kills_missed_because;
};

/// Why a watch ended.
enum class WatchEndReason {
  gone,
  count_reached,
  interrupted,
  reader_gone,
  quit,  ///< by a key; only of a tree
};

/// "gone" and so on, as in records.
std::string_view to_string(WatchEndReason reason) noexcept;

/// The totals of a watch.
struct WatchEnd {
  Moment moment;
  WatchEndReason reason = WatchEndReason::gone;
  std::optional<int> signal;  ///< that interrupted it
  std::uint64_t samples = 0;
  std::optional<Bytes> highest_usage;  ///< of the samples
  std::optional<Bytes> peak;           ///< the kernel's, as last read
  std::uint64_t oom_kills = 0;
  std::uint64_t limit_changes = 0;
  bool made_again = false;  ///< gone, and another cgroup has its name now
};

}  // namespace lab
