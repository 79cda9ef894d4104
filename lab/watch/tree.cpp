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
/// A kill is logged at once, and the process may not have been looked at for a
/// second before it. Later its pid may have been reused.
constexpr std::chrono::seconds sighting_lifetime(3);
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

  std::uint64_t hits = 0;  ///< v1
  bool has_hits = false;
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
      is_whole_(is_root(directory_, version_)),
      free_files_(allow_files()),
      counter_(version_, {[this](TreeNode& node) { return read_events(node); },
                          [this](TreeNode& node) {
                            return directory_.try_read(fmt::format(
                                "{}/{}", relative(node),
                                name_of(File::memory_events_local)));
                          }}) {
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
  look_at_processes(node, now_, true);
  discover_children(node);
}

void CgroupTree::discover_children(TreeNode& node) try {
  const Directory directory = directory_.open_directory(relative(node));
  for (const std::string& name : directory.subdirectories()) {
    discover(node, name);
  }
} catch (const cgroupfs::FileError& error) {
  be_blind("list", directory_of(node), error.code().value());
}

/// v2: the top's counter counts for all; the root's children have to do for it.
void CgroupTree::watch(TreeNode& node) {
  const std::string directory = directory_of(node);
  node.files->watch = inotify_.add(directory, directory_events);
  if (node.files->watch >= 0) {
    watches_[node.files->watch] = &node;
  } else {
    be_blind("watch", directory, errno);
  }
  const bool wakes =
      &node == top_.get() || (is_whole_ && node.parent == top_.get());
  if (version_ == Version::v2 && wakes) watch_events(node);
}

/// What is gone is no blind spot.
void CgroupTree::be_blind(const char* what, const std::string& directory,
                          int error) {
  if (error == ENOENT || error == ENODEV || !blind_because_.empty()) return;
  blind_because_ = fmt::format("{} {}: {}", what, directory,
                               std::generic_category().message(error));
  if (error == ENOSPC || error == EMFILE) {
    blind_because_ +=
        "; raise fs.inotify.max_user_watches or fs.inotify.max_user_instances "
        "(sysctl)";
  } else if (error == EACCES) {
    blind_because_ += "; run as root";
  }
}

void CgroupTree::watch_events(TreeNode& node) {
  inotify_.add(
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
  counter_.remove(node);
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
  changes_.push_back({false, node.path});
  changes_.push_back({true, path});
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
bool CgroupTree::read(TreeNode& node, KeptFile& file, File which) {
  if (!file.is_kept()) return read_anew(node, file, which);
  if (read_open(file.fd(), which == File::cgroup_procs)) return true;
  // The cgroup is gone; or (v2) its controller was disabled, and perhaps
  // enabled again: then its files are new ones.
  file.keep({});
  ++free_files_;
  return is_there(node) && read_anew(node, file, which);
}

bool CgroupTree::read_anew(TreeNode& node, KeptFile& file, File which) {
  UniqueFd fd =
      file.open(directory_.fd(),
                fmt::format("{}/{}", relative(node), name_of(which, version_)));
  if (!fd || !read_open(fd.get(), which == File::cgroup_procs)) return false;
  if (free_files_ == 0) return true;
  --free_files_;
  file.keep(std::move(fd));
  return true;
}

/// `to_end`: the kernel gives a list in pieces, and other files at once.
bool CgroupTree::read_open(int fd, bool to_end) {
  for (std::size_t size = 0;;) {
    if (size == buffer_.size()) buffer_.resize(2 * size);
    const ssize_t count =
        ::pread(fd, buffer_.data() + size, buffer_.size() - size,
                static_cast<off_t>(size));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    size += static_cast<std::size_t>(count);
    text_ = {buffer_.data(), size};
    if (count == 0 || (!to_end && size < buffer_.size())) return true;
  }
}

/// Of memory.events (v2) or memory.oom_control (v1).
std::optional<std::string_view> CgroupTree::read_events(TreeNode& node) {
  const File which =
      version_ == Version::v2 ? File::memory_events : File::memory_oom_control;
  KeptFile& file = node.files->events;
  const int before = file.fd();
  if (!read(node, file, which)) return std::nullopt;
  // Of new files the counters begin at 0.
  if (before >= 0 && file.fd() != before) {
    KillCounter& counter = node.counter;
    counter.kills = counter.groups = counter.hits = counter.own = 0;
  }
  return text_;
}

std::optional<Bytes> CgroupTree::read_bytes(TreeNode& node, KeptFile& file,
                                            File which) {
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
    const std::size_t own_turn = number++ % turns;
    const bool is_new = node.files->is_new;
    if (own_turn == turn_ || is_new) read_limits(node);
    // v1: every two seconds, see look_at_processes().
    const bool is_due = version_ == Version::v2 || own_turn % 2 == turn_ % 2;
    if (is_due || is_new) look_at_processes(node, now, is_new);
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
  for (TreeNode* each = &node; each; each = each->parent) {
    each->limit_hits = each->limit_hits.value_or(0) + more;
  }
}

/// v1 keeps a list of processes for a second after it was last read
/// (CGROUP_PIDLIST_DESTROY_DELAY), and an open file goes on showing that one:
/// for a sooner look it has to be opened anew.
void CgroupTree::look_at_processes(TreeNode& node, nanoseconds now,
                                   bool is_sooner) {
  TreeFiles& files = *node.files;
  if (version_ == Version::v1 && is_sooner && files.processes.is_kept()) {
    files.processes.keep({});
    ++free_files_;
  }
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
  for (TreeNode* const node : young_) look_at_processes(*node, now, true);
  return !young_.empty();
}

TreeCounts CgroupTree::read_kills(bool in_any_case) {
  const auto host = host_rise(/*is_taken=*/true);
  if (version_ == Version::v1 && host == 0u && !in_any_case) {
    TreeCounts none;
    none.host = 0;
    return none;
  }
  TreeCounts counts = counter_.read(
      *top_, host, version_ == Version::v2 && is_whole_, is_at_start_);
  counts.is_consistent =
      counts.cgroups.empty() || host_rise(/*is_taken=*/false) == 0u;
  return counts;
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
