// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "lab/base/enum_words.h"
#include "lab/record/record.h"
#include "lab/watch/tree_counter.h"

namespace lab {

/// What shows where a kill was.
enum class PlaceSource {
  kernel_log,    ///< task_memcg of the report
  process_list,  ///< the process was last seen there (cgroup.procs)
  counter,       ///< whose rise no other cgroup explains
};

template <>
struct EnumWords<PlaceSource> {
  static constexpr auto table =
      enum_words<PlaceSource>({{PlaceSource::kernel_log, "kernel_log"},
                               {PlaceSource::process_list, "process_list"},
                               {PlaceSource::counter, "counter"}});
};

/// Where a process was killed.
struct KillPlace {
  std::string path;  ///< below the mount point
  /// It was a process of this cgroup; otherwise of this one or of a descendant
  /// that was removed.
  bool exact = false;
  PlaceSource source = PlaceSource::counter;

  bool operator==(const KillPlace&) const = default;
};

/// A victim of the kernel log.
struct LoggedVictim {
  Victim victim;
  std::optional<KillPlace> place;  ///< nullopt: unknown
  bool is_outside = false;         ///< its cgroup is not in the tree
  /// Whose limit was hit, as a path below the mount point if it is there.
  std::optional<std::string> limit_of;
  /// It was killed, and counted, before: the first one of a group that was
  /// killed together.
  bool is_repeated = false;
};

/// OOM kills in a followed tree, each reported once.
struct TreeKill {
  std::uint64_t count = 1;
  KillPlace place;
  std::optional<Victim> victim;
  std::optional<std::string> limit_of;  ///< of the victim
  std::optional<Text> victim_absent_because;
};

/// Matches counted kills with victims in the kernel log. A counted kill is
/// certain; a name is given to it only where the evidence leaves one choice: by
/// the victim's cgroup, or where all open kills of the host are of one cgroup.
///
/// On v2 the counters are complete, so that no victim without a count is
/// reported. On v1 the counter of a removed cgroup is lost: a victim that was
/// logged in one is one more kill if the host (/proc/vmstat) has counted one
/// that no cgroup has. What the host alone has counted was in a cgroup that is
/// gone: if the tree is the whole hierarchy one more kill, else perhaps
/// elsewhere.
class TreeKills {
 public:
  /// `is_whole`: the tree is the whole hierarchy of the host. `has_log`: the
  /// kernel log is readable. `exists`: whether the cgroup at a path still is
  /// there.
  TreeKills(cgroupfs::Version version, bool is_whole, bool has_log,
            std::function<bool(const std::string&)> exists);

  /// What has been read, the log before the counters. Returns the kills whose
  /// victims are known.
  std::vector<TreeKill> update(std::vector<LoggedVictim> logged,
                               const TreeCounts& counts);
  /// Whether kills have no victim yet, or victims no kill.
  bool is_open() const noexcept;
  /// The kills that were open at the last call, too, with `reason` where the
  /// victim stays unknown: the log has had time enough.
  std::vector<TreeKill> settle(const Text& reason);
  /// All open kills. `top_is_gone`: with the top, its counters are, too.
  std::vector<TreeKill> finish(const Text& reason, bool top_is_gone);
  /// v1: kills on the host of which it is unknown whether they were in the
  /// tree.
  std::uint64_t unplaced() const noexcept { return unplaced_; }

 private:
  /// Kills that a cgroup has counted, and that have no victim yet.
  struct Account {
    std::string path;
    std::uint64_t own = 0;
    std::uint64_t removed = 0;  ///< v2: own ones, or of removed descendants
    bool is_ripe = false;       ///< open since the last settle()
    std::uint64_t all() const noexcept { return own + removed; }
  };
  /// A victim whose kill was not found yet.
  struct Waiting {
    LoggedVictim logged;
    bool is_ripe = false;
  };

  void count(const CountedInTree& more);
  bool take_off(const std::string& path);
  void take_off_groups();
  bool is_found(Waiting& waiting, bool counts_are_complete,
                std::vector<TreeKill>& kills);
  void name_the_waiting(std::vector<TreeKill>& kills);
  void settle_elsewhere(const Text& reason, std::vector<TreeKill>& kills);

  bool counts_are_complete_;
  bool is_whole_;
  bool has_log_;
  std::function<bool(const std::string&)> exists_;
  std::vector<Account> accounts_;
  std::vector<Waiting> waiting_;
  /// v2 without a log: groups whose double count is not taken off yet.
  std::vector<std::string> groups_;
  /// Counted on the host and by no cgroup so far. Below 0 until the host is
  /// read again.
  std::int64_t elsewhere_ = 0;
  std::int64_t ripe_elsewhere_ = 0;
  std::uint64_t unplaced_ = 0;
  bool is_consistent_ = true;  ///< as last read
};

}  // namespace lab
