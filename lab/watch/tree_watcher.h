// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lab/os/signal_fd.h"
#include "lab/watch/sample.h"
#include "lab/watch/target.h"
#include "lab/watch/tree.h"
#include "lab/watch/tree_kills.h"

namespace lab {

/// The start of a watch of a tree.
struct TreeStart {
  Moment moment;
  std::string path;  ///< of the top, below the mount point
  std::string mount_point;
  cgroupfs::Version version = cgroupfs::Version::v2;
  nanoseconds interval{0};
  std::size_t cgroups = 0;
  /// Why victims of OOM kills cannot be named.
  std::optional<Text> victims_absent_because;
  /// Why some kills may not be counted.
  std::optional<Text> kills_missed_because;
  /// Why cgroups that exist shorter than the interval are missed.
  std::optional<Text> cgroups_missed_because;
};

/// What was counted since the watch began.
struct TreeTotals {
  std::uint64_t kills = 0;
  std::uint64_t with_cgroup = 0;  ///< of which the victim's own cgroup is known
  std::uint64_t with_victim = 0;  ///< of which the victim is known
  /// On the host, in a cgroup that is unknown (v1).
  std::uint64_t unplaced = 0;
  std::uint64_t created = 0;  ///< cgroups
  std::uint64_t samples = 0;
};

/// The end of one.
struct TreeEnd {
  Moment moment;
  WatchEndReason reason = WatchEndReason::gone;
  std::optional<int> signal;
  TreeTotals totals;
};

/// Receives what happens in a followed tree. An exception that it throws ends
/// the watch; ReaderGone does so after the others have heard all.
class TreeObserver {
 public:
  virtual ~TreeObserver() = default;
  virtual void on_start(const TreeStart& /*start*/, CgroupTree& /*tree*/) {}
  /// The usage and the peaks are those of the last time that an observer has
  /// read them.
  virtual void on_sample(const Moment& /*moment*/, CgroupTree& /*tree*/,
                         const TreeTotals& /*totals*/) {}
  virtual void on_change(const Moment& /*moment*/,
                         const TreeChange& /*change*/) {}
  virtual void on_kill(const Moment& /*moment*/, const TreeKill& /*kill*/) {}
  virtual void on_end(const TreeEnd& /*end*/, CgroupTree& /*tree*/) {}
  /// Its descriptor that wakes it, such as a keyboard; -1: none.
  virtual int input() const { return -1; }
  /// That is readable. False: the user wants to quit.
  virtual bool on_input(CgroupTree& /*tree*/) { return true; }
};

/// How to watch a tree.
struct TreePlan {
  nanoseconds interval = std::chrono::seconds(1);  ///< between samples
  std::optional<std::uint64_t> count;  ///< of samples, after which it ends
  int reader_fd = -1;                  ///< as in WatchPlan
};

/// The top of a tree: as find_watch_target() for a path; an empty one is the
/// whole mounted hierarchy, also the root of v2. Throws as that.
WatchTarget find_watch_tree(const std::string& argument,
                            const cgroupfs::HostFiles& files = {});

/// Follows the cgroup `target` and all its descendants until it is gone, a
/// signal arrives, all samples are taken, the user quits or the output is
/// closed. Opens everything read-only. Each kill is reported once, at the
/// latest 600 ms after it was counted. Throws cgroupfs::FileError,
/// cgroupfs::ParseError and the exceptions of the observers.
TreeEnd watch_tree(const WatchTarget& target, const TreePlan& plan,
                   const SignalFd& signals,
                   const std::vector<TreeObserver*>& observers);

}  // namespace lab
