// SPDX-License-Identifier: MIT
#include "lab/watch/tree.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

#include "cgroupfs/error.h"
#include "cgroupfs/memory.h"
#include "cgroupfs/text.h"
#include "lab/place/cgroup_path.h"

namespace lab {
namespace {

using cgroupfs::Directory;
using cgroupfs::File;
using cgroupfs::UniqueFd;
using cgroupfs::Version;

constexpr std::uint32_t directory_events =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR;
/// How long a new cgroup counts as young: most that live shorter than an
/// interval live this long.
constexpr std::chrono::milliseconds youth(60);
/// After this time a pid may have been reused.
constexpr std::chrono::seconds sighting_lifetime(30);
/// So long after a series was first written it was read, so that a rise of it
/// is seen as one: twice the usual scrape interval of a minute.
constexpr std::chrono::minutes until_scraped(2);
/// What changes rarely is read for one cgroup in so many at a time.
constexpr std::size_t turns = 4;
/// Descriptors for all else.
constexpr std::size_t reserved_files = 64;

/// The soft limit is 1024 on most hosts, for the sake of select(2).
std::size_t allow_files() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  constexpr rlim_t most = 1 << 20;
  const std::size_t files = std::min(limit.rlim_cur, most);
  return files - std::min(files, reserved_files);
}

std::string joined(const std::string& parent, std::string_view name) {
  return fmt::format("{}/{}", parent == "/" ? "" : parent, name);
}

template <typename Number>
std::optional<Number> parsed_number(std::string_view text) {
  Number number{};
  const auto end = text.data() + text.size();
  if (std::from_chars(text.data(), end, number).ec != std::errc()) {
    return std::nullopt;
  }
  return number;
}

/// Counters that fell are of another cgroup, or were reset.
std::uint64_t risen(std::uint64_t before, std::uint64_t now) {
  return now - std::min(before, now);
}

}  // namespace

/// A file that is read again and again: it stays open while descriptors last.
class KeptFile {
 public:
  /// Nothing where it cannot be opened.
  UniqueFd open(int top, const std::string& path) {
    if (is_absent_) return {};
    UniqueFd fd(::openat(top, path.c_str(), O_RDONLY | O_CLOEXEC));
    is_absent_ = !fd && errno != EMFILE && errno != ENFILE;
    return fd;
  }
  void keep(UniqueFd fd) noexcept { fd_ = std::move(fd); }
  int fd() const noexcept { return fd_.get(); }
  bool is_kept() const noexcept { return static_cast<bool>(fd_); }
  /// Tries again: the memory controller may be enabled later (v2).
  void retry() noexcept { is_absent_ = false; }

 private:
  UniqueFd fd_;
  bool is_absent_ = false;
};

struct TreeFiles {
  KeptFile usage;
  KeptFile limit;
  KeptFile events;  ///< v2: memory.events; v1: memory.oom_control
  KeptFile processes;
  KeptFile pressure;
  KeptFile failcnt;
  KeptFile peak;
  int watch = -1;
  int events_watch = -1;

  std::string events_text;
  bool has_events = false;  ///< `events_text` was read
  std::uint64_t kills = 0;  ///< as counted by the kernel
  std::uint64_t group_kills = 0;
  std::uint64_t hits = 0;
  bool has_hits = false;
  /// v2: kills that are counted here and by no child so far. Below 0 for a
  /// moment: a child, read later, may already count more.
  std::int64_t unclaimed = 0;
  std::int64_t unclaimed_groups = 0;
  std::uint64_t own_kills = 0;  ///< v2: those of own processes, as reported
  bool had_children = false;
  std::size_t own_processes = 0;
  bool has_processes = false;
  bool is_new = true;  ///< its limits were not read yet

  auto all() noexcept {
    return std::array{&usage,    &limit,   &events, &processes,
                      &pressure, &failcnt, &peak};
  }
  std::size_t kept() noexcept {
    std::size_t count = 0;
    for (const KeptFile* file : all()) count += file->is_kept() ? 1 : 0;
    return count;
  }
};

bool is_in_tree(std::string_view path, std::string_view top) noexcept {
  return top == "/" || path == top ||
         (path.starts_with(top) && path[top.size()] == '/');
}

TreeNode::TreeNode() = default;
TreeNode::~TreeNode() = default;

std::string_view TreeNode::name() const noexcept {
  const std::string_view whole = path;
  return whole == "/" ? whole : whole.substr(whole.rfind('/') + 1);
}

CgroupTree::CgroupTree(const cgroupfs::Hierarchy& hierarchy,
                       const std::string& path)
    : version_(hierarchy.version),
      mount_point_(hierarchy.mount_point),
      directory_(Directory::open(path)),
      is_v2_root_(version_ == Version::v2 && is_root(directory_, Version::v2)),
      free_files_(allow_files()) {
  struct stat status {};
  if (::fstat(directory_.fd(), &status) != 0) {
    cgroupfs::throw_errno("stat", path);
  }
  const std::string below = path.substr(mount_point_.size());
  top_ = make_node(nullptr, below.empty() ? "/" : below, status.st_ino);
  watch(*top_);
  discover_children(*top_);
  read_kills(true);
  read_usage();
  read_slow(nanoseconds(0));
  changes_.clear();
  young_.clear();
  is_at_start_ = false;
  created_ = 0;
}

CgroupTree::~CgroupTree() = default;

std::string CgroupTree::relative(const TreeNode& node) const {
  if (&node == top_.get() || !top_) return ".";
  return node.path.substr(top_->path == "/" ? 1 : top_->path.size() + 1);
}

std::string CgroupTree::directory_of(const TreeNode& node) const {
  return node.path == "/" ? mount_point_ : mount_point_ + node.path;
}

std::unique_ptr<TreeNode> CgroupTree::make_node(TreeNode* parent,
                                                const std::string& path,
                                                ino_t id) {
  auto node = std::make_unique<TreeNode>();
  node->path = path;
  node->id = id;
  node->parent = parent;
  node->since = now_;
  node->files = std::make_unique<TreeFiles>();
  ++size_;
  ++created_;
  return node;
}

/// A cgroup that is gone again is not an error.
void CgroupTree::discover(TreeNode& parent, const std::string& name) {
  const std::string path = joined(parent.path, name);
  const std::string place = fmt::format("{}/{}", relative(parent), name);
  struct stat status {};
  const bool exists = ::fstatat(directory_.fd(), place.c_str(), &status,
                                AT_SYMLINK_NOFOLLOW) == 0;
  if (exists && !S_ISDIR(status.st_mode)) return;
  if (TreeNode* const known = find(path)) {
    if (exists && known->id == status.st_ino) return;
    remove(*known);
  }
  parent.files->had_children = true;
  if (!exists) {
    // It has lived between two looks: its kills are counted by its parent.
    ++created_;
    changes_.push_back({true, path});
    changes_.push_back({false, path});
    return;
  }
  parent.children.push_back(make_node(&parent, path, status.st_ino));
  TreeNode& node = *parent.children.back();
  changes_.push_back({true, path});
  watch(node);
  young_.push_back(&node);
  look_at_processes(node, now_);
  discover_children(node);
}

void CgroupTree::discover_children(TreeNode& node) try {
  const Directory directory = directory_.open_directory(relative(node));
  for (const std::string& name : directory.subdirectories()) {
    discover(node, name);
  }
} catch (const cgroupfs::FileError&) {
  // Removed meanwhile, or not accessible to this user.
}

/// v2: the top's counter counts for all; the root's children have to do for it.
void CgroupTree::watch(TreeNode& node) {
  const std::string directory = directory_of(node);
  node.files->watch = inotify_.add(directory, directory_events);
  if (node.files->watch >= 0) {
    watches_[node.files->watch] = &node;
  } else if (errno != ENOENT && blind_because_.empty()) {
    blind_because_ = fmt::format(
        "watch {} (inotify): {}; see fs.inotify.max_user_watches and "
        "fs.inotify.max_user_instances in sysctl",
        directory, std::generic_category().message(errno));
  }
  const bool wakes =
      &node == top_.get() || (is_v2_root_ && node.parent == top_.get());
  if (version_ == Version::v2 && wakes) watch_events(node);
}

void CgroupTree::watch_events(TreeNode& node) {
  node.files->events_watch = inotify_.add(
      fmt::format("{}/{}", directory_of(node), name_of(File::memory_events)),
      IN_MODIFY);
}

void CgroupTree::forget_watches(const TreeNode& node) {
  // The kernel removes them with the directory; those of a cgroup that was
  // replaced unnoticed are not.
  watches_.erase(node.files->watch);
  for (const auto& child : node.children) forget_watches(*child);
  free_files_ += node.files->kept();
  std::erase(young_, &node);
  changes_.push_back({false, node.path});
  --size_;
}

void CgroupTree::remove(TreeNode& node) {
  forget_watches(node);
  auto& siblings = node.parent->children;
  std::erase_if(siblings,
                [&](const auto& each) { return each.get() == &node; });
}

TreeNode* CgroupTree::find(const std::string& path) {
  TreeNode& node = nearest(path);
  return node.path == path ? &node : nullptr;
}

TreeNode& CgroupTree::nearest(const std::string& path) {
  TreeNode* node = top_.get();
  for (bool deeper = true; deeper;) {
    deeper = false;
    for (const auto& child : node->children) {
      if (!is_in_tree(path, child->path)) continue;
      node = child.get();
      deeper = true;
      break;
    }
  }
  return *node;
}

bool CgroupTree::is_there(const TreeNode& node) const {
  struct stat status {};
  return ::fstatat(directory_.fd(), relative(node).c_str(), &status,
                   AT_SYMLINK_NOFOLLOW) == 0 &&
         status.st_ino == node.id;
}

/// After a loss of events, or a new name of a child (v1).
void CgroupTree::rescan(TreeNode& node) {
  std::vector<std::pair<std::string, ino_t>> found;
  try {
    const Directory directory = directory_.open_directory(relative(node));
    for (const std::string& name : directory.subdirectories()) {
      struct stat status {};
      if (::fstatat(directory.fd(), name.c_str(), &status, 0) == 0) {
        found.emplace_back(name, status.st_ino);
      }
    }
  } catch (const cgroupfs::FileError&) {
    return;
  }
  std::vector<TreeNode*> gone;
  for (const auto& child : node.children) {
    const auto same = std::find_if(found.begin(), found.end(), [&](auto& one) {
      return one.second == child->id;
    });
    if (same == found.end()) {
      gone.push_back(child.get());
    } else if (same->first != child->name()) {
      rename(*child, joined(node.path, same->first));
    }
  }
  for (TreeNode* const child : gone) remove(*child);
  for (const auto& [name, id] : found) discover(node, name);
  for (const auto& child : node.children) rescan(*child);
}

void CgroupTree::rename(TreeNode& node, const std::string& path) {
  node.path = path;
  for (const auto& child : node.children) {
    rename(*child, joined(path, std::string(child->name())));
  }
}

void CgroupTree::take(const InotifyEvent& event) {
  if ((event.mask & IN_Q_OVERFLOW) != 0) return rescan(*top_);
  const auto place = watches_.find(event.watch);
  if (place == watches_.end()) return;
  TreeNode& node = *place->second;
  if ((event.mask & (IN_MOVED_FROM | IN_MOVED_TO)) != 0) return rescan(node);
  if ((event.mask & IN_ISDIR) == 0) return;
  if ((event.mask & IN_CREATE) != 0) return discover(node, event.name);
  if ((event.mask & IN_DELETE) == 0) return;
  // Another one may have been created with its name meanwhile.
  TreeNode* const child = find(joined(node.path, event.name));
  if (child && !is_there(*child)) remove(*child);
}

std::vector<TreeChange> CgroupTree::update(nanoseconds now) {
  now_ = now;
  for (const InotifyEvent& event : inotify_.take()) take(event);
  return std::exchange(changes_, {});
}

bool CgroupTree::exists() {
  if (!directory_.exists(name_of(File::cgroup_procs))) return false;
  const auto path = directory_.path_now();
  if (path && path->size() > mount_point_.size() &&
      path->starts_with(mount_point_) && *path != directory_of(*top_)) {
    rename(*top_, path->substr(mount_point_.size()));
  }
  return true;
}

/// Into text_. False where it cannot be read.
bool CgroupTree::read(const TreeNode& node, KeptFile& file, File which) {
  if (file.is_kept()) return read_open(file.fd());
  UniqueFd fd =
      file.open(directory_.fd(),
                fmt::format("{}/{}", relative(node), name_of(which, version_)));
  if (!fd || !read_open(fd.get())) return false;
  if (free_files_ == 0) return true;
  --free_files_;
  file.keep(std::move(fd));
  return true;
}

bool CgroupTree::read_open(int fd) {
  for (std::size_t size = 0;;) {
    const ssize_t count =
        ::pread(fd, buffer_.data() + size, buffer_.size() - size,
                static_cast<off_t>(size));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    size += static_cast<std::size_t>(count);
    // A file of the kernel ends where it does not fill the buffer, but for the
    // last line, which may not have fitted.
    const bool is_whole = count == 0 || size < buffer_.size() / 2;
    text_ = {buffer_.data(), size};
    if (is_whole) return true;
    if (size == buffer_.size()) buffer_.resize(2 * size);
  }
}

std::optional<Bytes> CgroupTree::read_bytes(const TreeNode& node,
                                            KeptFile& file, File which) {
  if (!read(node, file, which)) return std::nullopt;
  const auto count = parsed_number<std::uint64_t>(text_);
  return count ? std::optional(Bytes{*count}) : std::nullopt;
}

void CgroupTree::read_usage() {
  each([this](TreeNode& node) {
    node.usage = read_bytes(node, node.files->usage, File::memory_current);
  });
}

void CgroupTree::read_slow(nanoseconds now) {
  now_ = now;
  // Without notifications of new cgroups they are looked for.
  if (!blind_because_.empty()) rescan(*top_);
  turn_ = (turn_ + 1) % turns;
  std::size_t number = 0;
  each([&](TreeNode& node) {
    const bool is_due = number++ % turns == turn_ || node.files->is_new;
    if (is_due) read_limits(node);
    look_at_processes(node, now);
  });
  sum_processes(*top_);
  std::erase_if(sightings_, [&](const auto& each) {
    return now - each.second.at > sighting_lifetime;
  });
}

void CgroupTree::read_limits(TreeNode& node) {
  TreeFiles& files = *node.files;
  files.is_new = false;
  const std::string folder = relative(node);
  if (!files.usage.is_kept()) {
    for (KeptFile* file : files.all()) file->retry();
  }
  node.limit.reset();
  if (read(node, files.limit, File::memory_max)) {
    node.limit = version_ == Version::v2
                     ? cgroupfs::parse_limit_v2(text_)
                     : cgroupfs::parse_limit_v1(text_, cgroupfs::page_size());
  }
  node.pressure.reset();
  if (version_ == Version::v1) return read_failcnt(node);
  if (read(node, files.pressure, File::memory_pressure)) {
    node.pressure = cgroupfs::parse_pressure(text_);
  }
}

void CgroupTree::read_peaks() {
  each([this](TreeNode& node) {
    node.peak = read_bytes(node, node.files->peak, File::memory_peak);
  });
}

/// v1 counts in the cgroup whose limit was hit: the sum of a subtree must not
/// fall when a part of it is removed.
void CgroupTree::read_failcnt(TreeNode& node) {
  TreeFiles& files = *node.files;
  if (!read(node, files.failcnt, File::memory_failcnt)) {
    return;
  }
  const std::uint64_t hits = parsed_number<std::uint64_t>(text_).value_or(0);
  const bool is_baseline = is_at_start_ && !files.has_hits;
  const std::uint64_t more = is_baseline ? 0 : risen(files.hits, hits);
  files.hits = hits;
  files.has_hits = true;
  for (TreeNode* each = &node; each && more > 0; each = each->parent) {
    each->limit_hits += more;
  }
}

void CgroupTree::look_at_processes(TreeNode& node, nanoseconds now) {
  TreeFiles& files = *node.files;
  files.has_processes = read(node, files.processes, File::cgroup_procs);
  files.own_processes = 0;
  if (!files.has_processes) return;
  for (const pid_t pid : cgroupfs::parse_pids(text_)) {
    ++files.own_processes;
    // Of another PID namespace.
    if (pid == 0) continue;
    Sighting& seen = sightings_[pid];
    seen.at = now;
    if (seen.path != node.path) seen.path = node.path;
  }
}

/// Unknown for a threaded cgroup (v2), whose processes its domain lists.
std::size_t CgroupTree::sum_processes(TreeNode& node) {
  std::size_t sum = node.files->own_processes;
  for (const auto& child : node.children) sum += sum_processes(*child);
  node.processes =
      node.files->has_processes ? std::optional(sum) : std::nullopt;
  return sum;
}

bool CgroupTree::look_at_young(nanoseconds now) {
  std::erase_if(
      young_, [&](const TreeNode* node) { return now - node->since > youth; });
  for (TreeNode* const node : young_) look_at_processes(*node, now);
  return !young_.empty();
}

TreeCounts CgroupTree::read_kills(bool in_any_case) {
  TreeCounts counts;
  counts.host = host_rise(/*is_taken=*/true);
  if (version_ == Version::v1) {
    if (counts.host == 0u && !in_any_case) return counts;
    each([&](TreeNode& node) { count_v1(node, counts); });
  } else {
    count_v2(*top_, counts);
    correct_groups(counts);
  }
  counts.is_consistent =
      counts.cgroups.empty() || host_rise(/*is_taken=*/false) == 0u;
  return counts;
}

void CgroupTree::count_v1(TreeNode& node, TreeCounts& counts) {
  TreeFiles& files = *node.files;
  if (!read(node, files.events, File::memory_oom_control) ||
      text_ == files.events_text) {
    return;
  }
  const auto kills = cgroupfs::parse_oom_control(text_).oom_kill;
  const bool is_baseline = is_at_start_ && !files.has_events;
  const std::uint64_t more =
      is_baseline ? 0 : risen(files.kills, kills.value_or(0));
  files.kills = kills.value_or(0);
  files.events_text = text_;
  files.has_events = true;
  if (more > 0) counts.cgroups.push_back({node.path, more, more});
}

/// Returns how many more kills its counter has. The parent is read before its
/// children: so no kill is missing in the counter of a child that is already in
/// that of its parent, unless the child has been removed.
std::uint64_t CgroupTree::count_v2(TreeNode& node, TreeCounts& counts) {
  TreeFiles& files = *node.files;
  const bool is_root = is_v2_root_ && &node == top_.get();
  std::uint64_t more = 0;
  if (is_root) {
    more = counts.host.value_or(0);
  } else {
    if (!read(node, files.events, File::memory_events) ||
        (files.has_events && text_ == files.events_text)) {
      return 0;
    }
    const auto events = cgroupfs::parse_memory_events(text_);
    const bool is_baseline = is_at_start_ && !files.has_events;
    const std::uint64_t kills = events.oom_kill.value_or(0);
    const std::uint64_t groups = events.oom_group_kill.value_or(0);
    const std::uint64_t hits = events.max.value_or(0);
    if (is_baseline) {
      files.own_kills = kills;
      if (files.had_children) own_kills(node, 0);
    } else {
      const auto more_groups =
          static_cast<std::int64_t>(risen(files.group_kills, groups));
      more = risen(files.kills, kills);
      node.limit_hits += risen(files.hits, hits);
      files.unclaimed_groups += more_groups;
      if (node.parent) node.parent->files->unclaimed_groups -= more_groups;
    }
    files.kills = kills;
    files.group_kills = groups;
    files.hits = hits;
    files.events_text = text_;
    files.has_events = true;
  }
  files.unclaimed += static_cast<std::int64_t>(more);
  for (const auto& child : node.children) {
    files.unclaimed -= static_cast<std::int64_t>(count_v2(*child, counts));
  }
  if (files.unclaimed > 0) {
    const auto kills =
        static_cast<std::uint64_t>(std::exchange(files.unclaimed, 0));
    counts.cgroups.push_back(
        {node.path, kills, is_root ? 0 : own_kills(node, kills)});
  }
  for (; files.unclaimed_groups > 0; --files.unclaimed_groups) {
    groups_.push_back(node.path);
  }
  return more;
}

/// How many of `kills` new ones were of own processes.
std::uint64_t CgroupTree::own_kills(TreeNode& node, std::uint64_t kills) {
  TreeFiles& files = *node.files;
  if (!files.had_children) {
    files.own_kills += kills;
    return kills;
  }
  const auto text = directory_.try_read(
      fmt::format("{}/{}", relative(node), name_of(File::memory_events_local)));
  if (!text) return 0;
  const std::uint64_t now =
      cgroupfs::parse_memory_events(*text).oom_kill.value_or(0);
  const std::uint64_t own = std::min(kills, risen(files.own_kills, now));
  files.own_kills = now;
  return own;
}

/// The first victim of a group that is killed together is counted twice.
void CgroupTree::correct_groups(TreeCounts& counts) {
  std::erase_if(groups_, [&](const std::string& group) {
    CountedInTree* twice = nullptr;
    for (CountedInTree& each : counts.cgroups) {
      if (each.kills == 0 || !is_in_tree(each.path, group)) continue;
      if (!twice || each.kills > twice->kills) twice = &each;
    }
    if (!twice) return false;
    --twice->kills;
    ++counts.twice;
    twice->own = std::min(twice->own, twice->kills);
    return true;
  });
  std::erase_if(counts.cgroups,
                [](const auto& each) { return each.kills == 0; });
}

/// Of `oom_kill` since it was taken last; nullopt where the kernel does not
/// count.
std::optional<std::uint64_t> CgroupTree::host_rise(bool is_taken) {
  const auto text = cgroupfs::try_read_file("/proc/vmstat");
  constexpr std::string_view key = "\noom_kill ";
  const std::size_t at = text ? text->find(key) : std::string::npos;
  if (at == std::string::npos) return std::nullopt;
  const auto kills = parsed_number<std::uint64_t>(
      std::string_view(*text).substr(at + key.size()));
  if (!kills) return std::nullopt;
  const auto before = host_kills_;
  if (is_taken) host_kills_ = kills;
  return before ? risen(*before, *kills) : 0;
}

const Sighting* CgroupTree::sighting(pid_t pid) const {
  const auto place = sightings_.find(pid);
  return place == sightings_.end() ? nullptr : &place->second;
}

/// The series of a cgroup counts its kills once a rise of it can be seen.
void CgroupTree::add_kills(const std::string& path, std::uint64_t count,
                           nanoseconds now) {
  bool local = true;
  for (TreeNode* node = &nearest(path); node; node = node->parent) {
    node->kills += count;
    const bool counts =
        !node->parent ||
        (node->series_since && now - *node->series_since >= until_scraped);
    if (local && counts) {
      node->local_kills += count;
      local = false;
    }
  }
}

}  // namespace lab
