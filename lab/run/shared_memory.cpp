// SPDX-License-Identifier: MIT
#include "lab/run/shared_memory.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cgroupfs/memory.h"
#include "cgroupfs/mountinfo.h"
#include "cgroupfs/text.h"
#include "cgroupfs/unique_fd.h"
#include "lab/run/readings.h"

namespace lab {
namespace {

using cgroupfs::UniqueFd;

/// File times have the resolution of a kernel tick.
constexpr std::chrono::milliseconds tick(20);
/// A large tree is not searched completely.
constexpr std::chrono::milliseconds longest_search(500);
constexpr std::size_t most_files = 10;
/// The number of pages of a file, spread over it, that are checked.
constexpr std::uint64_t asked_pages = 4096;
/// memory.stat may lag by this much per CPU (MEMCG_CHARGE_BATCH, pages).
constexpr std::uint64_t batched_pages = 64;

std::chrono::system_clock::time_point time_of(const statx_timestamp& time) {
  return std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(
          std::chrono::seconds(time.tv_sec) +
          std::chrono::nanoseconds(time.tv_nsec)));
}

/// The frame numbers of this process' pages (pagemap, 55 bits of an entry, bit
/// 63: present) and the inode of the cgroup to which each is charged.
class PageOwners {
 public:
  PageOwners()
      : pages_(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)),
        owners_(::open("/proc/kpagecgroup", O_RDONLY | O_CLOEXEC)) {}

  bool readable() const noexcept { return pages_ && owners_; }

  /// nullopt where the page is not present, or is not readable.
  std::optional<std::uint64_t> owner_of(const void* address) const {
    const auto page = reinterpret_cast<std::uintptr_t>(address) / page_size();
    const auto entry = number_at(pages_, page);
    constexpr std::uint64_t present = std::uint64_t{1} << 63;
    constexpr std::uint64_t frame_bits = (std::uint64_t{1} << 55) - 1;
    if (!entry || (*entry & present) == 0 || (*entry & frame_bits) == 0) {
      return std::nullopt;
    }
    return number_at(owners_, *entry & frame_bits);
  }

  static std::uint64_t page_size() noexcept {
    return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  }

 private:
  static std::optional<std::uint64_t> number_at(const UniqueFd& fd,
                                                std::uint64_t index) {
    std::uint64_t number = 0;
    const auto offset = static_cast<off_t>(index * sizeof(number));
    if (::pread(fd.get(), &number, sizeof(number), offset) != sizeof(number)) {
      return std::nullopt;
    }
    return number;
  }

  UniqueFd pages_;
  UniqueFd owners_;
};

/// A page with data: any other the kernel would allocate, and charge to this
/// process.
bool has_data(int fd, off_t offset) {
  return ::lseek(fd, offset, SEEK_DATA) == offset;
}

/// Whether a page of `fd` is charged to the cgroup of this inode. Only the page
/// tables are read: a file that shrinks meanwhile does no harm.
bool is_charged(int fd, std::uint64_t size, const PageOwners& owners,
                std::uint64_t cgroup) {
  const std::uint64_t page = PageOwners::page_size();
  const std::uint64_t pages = (size + page - 1) / page;
  const std::uint64_t step = std::max<std::uint64_t>(1, pages / asked_pages);
  for (std::uint64_t i = 0; i < pages; i += step) {
    const auto offset = static_cast<off_t>(i * page);
    if (!has_data(fd, offset)) continue;
    void* const map =
        ::mmap(nullptr, page, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, offset);
    if (map == MAP_FAILED) continue;
    const auto owner = owners.owner_of(map);
    ::munmap(map, page);
    if (owner == cgroup) return true;
  }
  return false;
}

/// The files of one tmpfs. Other programs may rename in it meanwhile: each step
/// starts at an open directory, and checks what it reached.
class Search {
 public:
  Search(std::uint64_t cgroup, std::chrono::system_clock::time_point began)
      : cgroup_(cgroup), began_(began) {}

  void look_into(const std::string& mount_point) {
    UniqueFd top(::open(mount_point.c_str(),
                        O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK));
    struct statx status {};
    if (!top || !ask(top.get(), "", status, AT_EMPTY_PATH)) return;
    walk(std::move(top), mount_point, status);
  }
  std::vector<SharedFile> take() { return std::move(found_); }
  bool is_complete() const noexcept { return complete_; }

 private:
  static bool ask(int directory, const char* name, struct statx& status,
                  int more = 0) {
    // Mounts are not entered: a dead network file system may be mounted in a
    // tmpfs.
    constexpr int flags =
        AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC;
    return ::statx(directory, name, flags | more, STATX_BASIC_STATS, &status) ==
           0;
  }
  static bool is_on(const struct statx& file, const struct statx& top) {
    return file.stx_dev_major == top.stx_dev_major &&
           file.stx_dev_minor == top.stx_dev_minor;
  }
  bool is_over() {
    if (std::chrono::steady_clock::now() >= end_) complete_ = false;
    return !complete_;
  }
  void walk(UniqueFd directory, const std::string& path,
            const struct statx& top);
  void look_at(int directory, const char* name, const std::string& path,
               const struct statx& top);
  void add_file(int directory, const char* name, const std::string& path,
                const struct statx& status);

  std::uint64_t cgroup_;
  std::chrono::system_clock::time_point began_;
  std::chrono::steady_clock::time_point end_ =
      std::chrono::steady_clock::now() + longest_search;
  PageOwners owners_;
  bool complete_ = true;
  std::vector<SharedFile> found_;
};

void Search::walk(UniqueFd directory, const std::string& path,
                  const struct statx& top) {
  DIR* const entries = ::fdopendir(directory.get());
  if (!entries) return;
  const int fd = directory.release();
  while (const dirent* const entry = ::readdir(entries)) {
    const std::string_view name = entry->d_name;
    if (is_over()) break;
    if (name != "." && name != "..") look_at(fd, entry->d_name, path, top);
  }
  ::closedir(entries);
}

void Search::look_at(int directory, const char* name, const std::string& path,
                     const struct statx& top) {
  struct statx status {};
  if (!ask(directory, name, status) || !is_on(status, top)) return;
  const std::string own = fmt::format("{}/{}", path, name);
  if (S_ISREG(status.stx_mode)) {
    add_file(directory, name, own, status);
  } else if (S_ISDIR(status.stx_mode)) {
    UniqueFd below(
        ::openat(directory, name,
                 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (below) walk(std::move(below), own, top);
  }
}

void Search::add_file(int directory, const char* name, const std::string& path,
                      const struct statx& status) {
  const auto changed =
      std::max(time_of(status.stx_mtime), time_of(status.stx_ctime));
  if (status.stx_blocks == 0 || changed + tick < began_) return;
  SharedFile file{path, Bytes{status.stx_blocks * 512}, false};
  // Opened without access to its content: its name may now belong to a file of
  // another kind.
  const UniqueFd handle(
      ::openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct statx now {};
  if (handle && owners_.readable() &&
      ask(handle.get(), "", now, AT_EMPTY_PATH) &&
      now.stx_ino == status.stx_ino && is_on(now, status)) {
    const UniqueFd fd(
        ::open(fmt::format("/proc/self/fd/{}", handle.get()).c_str(),
               O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    file.charged =
        fd && is_charged(fd.get(), status.stx_size, owners_, cgroup_);
  }
  found_.push_back(std::move(file));
}

/// Each one that is reachable by a path, once.
std::vector<std::string> tmpfs_mounts() {
  const std::string text =
      cgroupfs::try_read_file("/proc/self/mountinfo").value_or("");
  const auto mounts = cgroupfs::parse_mountinfo(text);
  std::vector<std::string> paths;
  for (const cgroupfs::Mount& mount : mounts) {
    const bool is_shared = mount.type == "tmpfs" || mount.type == "devtmpfs";
    if (is_shared && is_reachable(mount, mounts)) {
      paths.push_back(mount.mount_point);
    }
  }
  return paths;
}

/// /proc/sysvipc/shm (proc(5)): key shmid perms size cpid lpid ... rss swap.
void add_segments(const Ledger& ledger, std::vector<SharedFile>& found) {
  const std::string text =
      cgroupfs::try_read_file("/proc/sysvipc/shm").value_or("");
  for (const std::string_view line : cgroupfs::split_lines(text)) {
    const auto words = cgroupfs::split_words(cgroupfs::trim(line));
    if (words.size() < 15 || words.front() == "key") continue;
    const bool is_ours =
        std::any_of(ledger.processes.begin(), ledger.processes.end(),
                    [&](const Member& member) {
                      const std::string pid = std::to_string(member.pid);
                      return words[4] == pid || words[5] == pid;
                    });
    const Bytes bytes{cgroupfs::parse_u64(words[14])};
    if (is_ours && bytes.count > 0) {
      found.push_back({fmt::format("shmid {}", words[1]), bytes, false});
    }
  }
}

/// Those known to have some first, the largest first.
void sort_files(std::vector<SharedFile>& files) {
  std::stable_sort(files.begin(), files.end(),
                   [](const SharedFile& a, const SharedFile& b) {
                     return std::pair(a.charged, a.bytes.count) >
                            std::pair(b.charged, b.bytes.count);
                   });
  const bool is_known = !files.empty() && files.front().charged;
  if (is_known) {
    std::erase_if(files, [](const SharedFile& file) {
      return !file.charged && file.path.starts_with('/');
    });
  }
  if (files.size() > most_files) files.resize(most_files);
}

SharedMemoryLeft find_files(const cgroupfs::Cgroup& group,
                            std::chrono::system_clock::time_point began,
                            const Ledger& ledger) {
  SharedMemoryLeft left;
  struct stat status {};
  if (::fstat(group.directory().fd(), &status) != 0) return left;
  Search search(status.st_ino, began);
  for (const std::string& mount : tmpfs_mounts()) search.look_into(mount);
  left.files = search.take();
  left.all_searched = search.is_complete();
  add_segments(ledger, left.files);
  sort_files(left.files);
  return left;
}

/// A smaller amount may be a lagging statistic.
bool is_certain(Bytes bytes, const SharedMemoryLeft& left) {
  const auto cpus = static_cast<std::uint64_t>(::sysconf(_SC_NPROCESSORS_CONF));
  const bool is_confirmed = !left.files.empty() && left.files.front().charged;
  return is_confirmed ||
         bytes.count > cpus * batched_pages * PageOwners::page_size();
}

}  // namespace

std::optional<SharedMemoryLeft> read_shared_memory_left(
    const RunCgroup& group, std::chrono::system_clock::time_point began,
    const Ledger& ledger) {
  if (group.cgroup.populated()) return std::nullopt;
  const auto bytes = read_composition(group.memory).shmem;
  if (!bytes || *bytes == 0) return std::nullopt;
  SharedMemoryLeft left = find_files(group.cgroup, began, ledger);
  left.bytes = Bytes{*bytes};
  if (!is_certain(left.bytes, left)) return std::nullopt;
  return left;
}

}  // namespace lab
