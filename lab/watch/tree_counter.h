// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cgroupfs/hierarchy.h"

namespace lab {

struct TreeNode;

/// The kill counter of one cgroup as last read.
struct KillCounter {
  std::string text;      ///< of the file; a counter that is equal is not parsed
  bool is_read = false;  ///< `text` is set
  std::uint64_t kills = 0;
  std::uint64_t groups = 0;  ///< v2: oom_group_kill
  std::uint64_t hits = 0;    ///< v2: max
  std::uint64_t own = 0;     ///< v2: kills of own processes, as reported
  /// v2: kills that it has counted, and that are neither reported nor counted
  /// by a child. Below 0 for a moment: a child, read later, has more already.
  std::int64_t rest = 0;
  std::int64_t held = 0;  ///< of `rest`, after the previous reading
  std::int64_t rest_of_groups = 0;
};

/// OOM kills that one cgroup has counted since the last reading.
struct CountedInTree {
  std::string path;         ///< of the cgroup with the counter
  std::uint64_t kills = 0;  ///< in it or in a descendant that was removed
  /// How many of them were certainly of its own processes.
  std::uint64_t own = 0;
};

/// OOM kills that were counted since the last reading.
struct TreeCounts {
  std::vector<CountedInTree> cgroups;
  /// On the whole host (/proc/vmstat); nullopt where the kernel does not count.
  std::optional<std::uint64_t> host;
  /// v2: cgroups that were killed together (memory.oom.group). The first victim
  /// of each may have been counted twice, in the cgroup or a descendant.
  std::vector<std::string> groups;
  /// No kill was counted while the counters were read.
  bool is_consistent = true;
};

/// Reads the kill counters of a tree, and finds for each kill the cgroup to
/// which it belongs.
///
/// v1: each cgroup counts its own kills. v2: memory.events counts also those of
/// descendants, removed ones included. The kernel raises the counter of the
/// victim's cgroup first, then those of its ancestors; here a parent is read
/// before its children, so that a child has all kills that its parent has. What
/// is left of a parent's rise is its own (memory.events.local) or that of a
/// removed descendant. The latter is only reported if it is still there at the
/// next reading: until then a child may be unknown, or its ancestor's counter,
/// that of the host above all, may be ahead.
class TreeCounter {
 public:
  /// How it reads: the text of memory.events (v1: memory.oom_control) and of
  /// memory.events.local; nullopt where that is not possible.
  struct Files {
    std::function<std::optional<std::string_view>(TreeNode&)> events;
    std::function<std::optional<std::string>(TreeNode&)> local_events;
  };

  TreeCounter(cgroupfs::Version version, Files files);

  /// What has been counted since the last call in `top` and below; `host` is
  /// the rise of the host's counter, which was read before: the root of v2 has
  /// no other. `is_baseline`: counters that are read for the first time do not
  /// count. Throws cgroupfs::ParseError.
  TreeCounts read(TreeNode& top, std::optional<std::uint64_t> host,
                  bool is_root, bool is_baseline);
  /// Whether a remainder waits for the next reading.
  bool is_open() const noexcept { return is_open_; }
  /// `node` is removed with its descendants: what they have not reported is its
  /// parent's.
  void remove(TreeNode& node) noexcept;

 private:
  /// Since the last reading.
  struct Rise {
    std::uint64_t kills = 0;
    std::uint64_t groups = 0;
    bool is_changed = false;
  };

  void count_v1(TreeNode& node, TreeCounts& counts);
  std::uint64_t count_v2(TreeNode& node, TreeCounts& counts);
  Rise take_rise(TreeNode& node);
  void report(TreeNode& node, TreeCounts& counts);
  std::int64_t own_kills(TreeNode& node);

  cgroupfs::Version version_;
  Files files_;
  bool is_root_ = false;
  bool is_baseline_ = false;
  bool is_open_ = false;
  bool was_open_ = false;  ///< then no counter is skipped
};

}  // namespace lab
