// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "lab/base/enum_words.h"
#include "lab/record/record.h"
#include "lab/watch/tree.h"

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

/// OOM kills in a followed tree, each reported once.
struct TreeKill {
  std::uint64_t count = 1;
  KillPlace place;
  std::optional<Victim> victim;
  std::optional<Text> victim_absent_because;
};

/// A victim of the kernel log.
struct LoggedVictim {
  Victim victim;
  std::optional<KillPlace> place;  ///< nullopt: unknown
  bool is_outside = false;         ///< its cgroup is not in the tree
};

/// Matches counted kills with victims in the kernel log. A counted kill is
/// certain; a name is given to it only where the evidence leaves one choice: by
/// the victim's cgroup, or where all open kills of the host are of one cgroup.
/// On v2 the counters are complete, so that no victim without a count is
/// reported. On v1 the counter of a removed cgroup is lost: a logged victim
/// whose cgroup has no open count is one more kill, and what only /proc/vmstat
/// has counted was in a cgroup that is gone: in a tree that is the whole
/// hierarchy one more kill, else perhaps elsewhere.
class TreeKills {
 public:
  /// `top`: path of the tree; "/" is the whole hierarchy.
  TreeKills(std::string top, cgroupfs::Version version);

  /// What has been read, the log before the counters. Returns the kills whose
  /// victims are known.
  std::vector<TreeKill> update(std::vector<LoggedVictim> logged,
                               const TreeCounts& counts);
  /// Whether kills have no victim yet, or victims no place.
  bool is_open() const noexcept;
  /// All open kills, with `reason` where the victim stays unknown; the log may
  /// have been late until now.
  std::vector<TreeKill> settle(const Text& reason);
  /// v1: kills on the host of which it is unknown whether they were in the
  /// tree.
  std::uint64_t unplaced() const noexcept { return unplaced_; }

 private:
  /// Kills that a cgroup has counted, and that have no victim yet.
  struct Account {
    std::string path;
    std::uint64_t own = 0;
    std::uint64_t removed = 0;  ///< v2: own ones, or of removed descendants
    std::uint64_t all() const noexcept { return own + removed; }
  };

  void count(const CountedInTree& more);
  bool take_off(const KillPlace& place);
  std::optional<TreeKill> place(LoggedVictim logged);
  void name_the_waiting(std::vector<TreeKill>& kills);

  std::string top_;
  bool counts_are_complete_;
  std::vector<Account> accounts_;
  std::vector<Victim> waiting_;  ///< whose cgroup is unknown
  /// Counted on the host and by no cgroup so far. Below 0 for a moment.
  std::int64_t elsewhere_ = 0;
  std::uint64_t unplaced_ = 0;
  bool is_consistent_ = true;  ///< as last read
};

}  // namespace lab
