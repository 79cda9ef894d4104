// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cgroupfs/directory.h"
#include "cgroupfs/hierarchy.h"
#include "cgroupfs/interface_files.h"
#include "cgroupfs/pressure.h"
#include "lab/base/units.h"
#include "lab/os/inotify.h"
#include "lab/watch/tree_counter.h"

namespace lab {

class KeptFile;
/// Open files of one cgroup, and what they contained before.
struct TreeFiles;

/// A cgroup of a followed tree with its last readings, which are of its whole
/// subtree, as the kernel accounts. What cannot be read is nullopt.
struct TreeNode {
  TreeNode();
  ~TreeNode();
  TreeNode(const TreeNode&) = delete;
  TreeNode& operator=(const TreeNode&) = delete;

  /// The last component of `path`; "/" of the root.
  std::string_view name() const noexcept;

  std::string path;            ///< below the mount point: "/a/b"; "/": the root
  ino_t id = 0;                ///< of its directory
  TreeNode* parent = nullptr;  ///< nullptr: the top of the tree
  std::vector<std::unique_ptr<TreeNode>> children;  ///< in order of creation
  nanoseconds since{0};  ///< when it was first seen, since the watch began

  std::optional<Bytes> usage;
  std::optional<Limit> limit;
  std::optional<Bytes> peak;
  std::optional<std::size_t> processes;
  std::optional<cgroupfs::Pressure> pressure;
  /// How often a charge hit a limit since the watch began: `max` of
  /// memory.events (v2; not at the root), memory.failcnt (v1).
  std::optional<std::uint64_t> limit_hits;
  /// OOM kills reported in it since the watch began, also in descendants that
  /// were removed.
  std::uint64_t kills = 0;
  /// Whether they would be known: its counter, or that of an ancestor that
  /// counts for it, is readable.
  bool counts_kills() const noexcept {
    return counter.is_read || kills > 0 || !parent;
  }
  /// Those that no child with a series of its own has (metrics.h).
  std::uint64_t local_kills = 0;
  /// Since when it has had series in a metrics file.
  std::optional<nanoseconds> series_since;

  KillCounter counter;               ///< of TreeCounter
  std::unique_ptr<TreeFiles> files;  ///< of CgroupTree
};

/// Whether the cgroup at `path` is the one at `top` or below it; both are paths
/// below the mount point.
bool is_in_tree(std::string_view path, std::string_view top) noexcept;

/// A cgroup was created or removed.
struct TreeChange {
  bool created = false;
  std::string path;

  bool operator==(const TreeChange&) const = default;
};

/// The cgroup in which a process was last seen.
struct Sighting {
  std::string path;
  nanoseconds at{0};  ///< when it was last seen there
};

/// Follows a cgroup and all its descendants. Reads only: new and removed
/// cgroups are found by inotify(7) on the directories.
class CgroupTree {
 public:
  /// `path`: directory of the top. Throws cgroupfs::FileError and
  /// cgroupfs::ParseError.
  CgroupTree(const cgroupfs::Hierarchy& hierarchy, const std::string& path);
  ~CgroupTree();
  CgroupTree(const CgroupTree&) = delete;
  CgroupTree& operator=(const CgroupTree&) = delete;

  const TreeNode& top() const noexcept { return *top_; }
  /// Whether it is the whole hierarchy of the host: the top is its root, and
  /// not only that of a cgroup namespace.
  bool is_whole() const noexcept { return is_whole_; }
  /// Readable when a cgroup was created or removed, and (v2) when a counter may
  /// have changed; -1 without inotify.
  int fd() const noexcept { return inotify_.fd(); }
  /// Follows what has happened; `now` is the time of the watch.
  std::vector<TreeChange> update(nanoseconds now);
  /// Why cgroups may be missed: there is no inotify, its limit is reached, or
  /// one is not accessible. Empty: none is.
  const std::string& blind_because() const noexcept { return blind_because_; }
  /// Whether the top still exists; follows its new name when it was renamed.
  bool exists();

  void read_usage();
  /// The processes of all cgroups (v1: of half of them, in turn); of a quarter
  /// of them, in turn, and of new ones the limit, pressure and limit hits. To
  /// be called every second.
  void read_slow(nanoseconds now);
  void read_peaks();
  /// Processes of cgroups that are so new that they may be gone at the next
  /// read_slow(). False: there are none.
  bool look_at_young(nanoseconds now);
  /// The kills counted since the last call: first those of the host, then those
  /// of the cgroups, so that none is missing there that the host has counted.
  /// On v1, where each cgroup has to be read, only if there are some on the
  /// host, or `in_any_case`.
  TreeCounts read_kills(bool in_any_case);
  /// Whether some kills need another reading.
  bool has_open_kills() const noexcept { return counter_.is_open(); }

  /// Where process `pid` was seen within the last seconds.
  const Sighting* sighting(pid_t pid) const;
  /// Whether there is a cgroup at `path`.
  bool has(const std::string& path) { return find(path) != nullptr; }
  /// The nearest existing cgroup that contains `path`; the top for one outside.
  TreeNode& nearest(const std::string& path);
  /// Adds reported kills to the cgroup at `path` and its ancestors.
  void add_kills(const std::string& path, std::uint64_t count, nanoseconds now);
  /// Calls `visit` for each cgroup, parents first.
  template <typename Visit>
  void each(const Visit& visit) {
    visit_all(*top_, visit);
  }

  std::size_t size() const noexcept { return size_; }          ///< cgroups now
  std::uint64_t created() const noexcept { return created_; }  ///< since then

 private:
  friend struct TreeFiles;

  template <typename Visit>
  static void visit_all(TreeNode& node, const Visit& visit) {
    visit(node);
    for (const auto& child : node.children) visit_all(*child, visit);
  }

  std::string relative(const TreeNode& node) const;
  std::string directory_of(const TreeNode& node) const;
  TreeNode* find(const std::string& path);
  std::unique_ptr<TreeNode> make_node(TreeNode* parent, const std::string& path,
                                      ino_t id);
  void discover(TreeNode& parent, const std::string& name);
  void discover_children(TreeNode& node);
  void remove(TreeNode& node);
  void forget_watches(const TreeNode& node);
  bool is_there(const TreeNode& node) const;
  void rescan(TreeNode& node);
  void rename(TreeNode& node, const std::string& path);
  void watch(TreeNode& node);
  void watch_events(TreeNode& node);
  void be_blind(const char* what, const std::string& directory, int error);
  void take(const InotifyEvent& event);
  bool read(TreeNode& node, KeptFile& file, cgroupfs::File which);
  bool read_anew(TreeNode& node, KeptFile& file, cgroupfs::File which);
  bool read_open(int fd, bool to_end);
  std::optional<std::string_view> read_events(TreeNode& node);
  std::optional<Bytes> read_bytes(TreeNode& node, KeptFile& file,
                                  cgroupfs::File which);
  void look_at_processes(TreeNode& node, nanoseconds now, bool is_sooner);
  std::size_t sum_processes(TreeNode& node);
  void read_limits(TreeNode& node);
  void read_failcnt(TreeNode& node);
  std::optional<std::uint64_t> host_rise(bool is_taken);

  cgroupfs::Version version_;
  std::string mount_point_;
  cgroupfs::Directory directory_;
  bool is_whole_;
  Inotify inotify_;
  std::size_t free_files_ = 0;  ///< that may be kept open
  std::vector<char> buffer_ = std::vector<char>(16384);
  std::string_view text_;  ///< in it, of the file that was read last
  std::unique_ptr<TreeNode> top_;
  TreeCounter counter_;
  std::unordered_map<int, TreeNode*> watches_;  ///< of directories
  std::unordered_map<pid_t, Sighting> sightings_;
  std::vector<TreeNode*> young_;
  std::vector<TreeChange> changes_;
  std::optional<std::uint64_t> host_kills_;
  std::string blind_because_;
  bool is_at_start_ = true;  ///< counters found now are not of this watch
  nanoseconds now_{0};
  std::size_t size_ = 0;
  std::uint64_t created_ = 0;
  std::size_t turn_ = 0;
};

}  // namespace lab
