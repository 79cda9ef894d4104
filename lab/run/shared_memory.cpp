// SPDX-License-Identifier: MIT
#include "lab/run/shared_memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cgroupfs/memory.h"
#include "cgroupfs/mountinfo.h"
#include "cgroupfs/text.h"
#include "cgroupfs/unique_fd.h"
#include "lab/run/readings.h"

namespace lab {
namespace {

namespace fs = std::filesystem;
using cgroupfs::UniqueFd;

/// The kernel's time of a file is that of its last tick.
constexpr std::chrono::milliseconds tick(20);
/// A large tree is not walked to its end.
constexpr std::size_t most_entries = 50000;
constexpr std::size_t most_files = 10;
/// So many pages of a file, spread over it, are asked for.
constexpr std::uint64_t asked_pages = 64;

std::chrono::system_clock::time_point time_of(const timespec& time) {
  return std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(
          std::chrono::seconds(time.tv_sec) +
          std::chrono::nanoseconds(time.tv_nsec)));
}

/// The numbers behind the pages of this process (pagemap, 55 bits of an entry,
/// bit 63: present) and the inode of the cgroup that each is charged to.
class PageOwners {
 public:
  PageOwners()
      : pages_(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)),
        owners_(::open("/proc/kpagecgroup", O_RDONLY | O_CLOEXEC)) {}

  bool readable() const noexcept { return pages_ && owners_; }

  /// nullopt where the page is not there, or may not be asked for.
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

/// A page of `fd` that holds data, where the kernel does not have to make one,
/// which would be charged to this process.
bool has_data(int fd, off_t offset) {
  return ::lseek(fd, offset, SEEK_DATA) == offset;
}

std::optional<bool> is_charged(int fd, std::uint64_t size,
                               const PageOwners& owners, std::uint64_t cgroup) {
  const std::uint64_t page = PageOwners::page_size();
  const std::uint64_t pages = (size + page - 1) / page;
  const std::uint64_t step = std::max<std::uint64_t>(1, pages / asked_pages);
  bool any_known = false;
  for (std::uint64_t i = 0; i < pages; i += step) {
    const auto offset = static_cast<off_t>(i * page);
    if (!has_data(fd, offset)) continue;
    void* const map =
        ::mmap(nullptr, page, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, offset);
    if (map == MAP_FAILED) continue;
    const auto owner = owners.owner_of(map);
    ::munmap(map, page);
    if (!owner) continue;
    any_known = true;
    if (*owner == cgroup) return true;
  }
  return any_known ? std::optional(false) : std::nullopt;
}

/// What all candidates are asked.
struct Search {
  std::uint64_t cgroup;  ///< its inode
  std::chrono::system_clock::time_point began;
  PageOwners owners;
};

void add_file(const fs::path& path, const Search& search,
              std::vector<SharedFile>& found) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) ||
      status.st_blocks == 0) {
    return;
  }
  const auto written =
      std::max(time_of(status.st_mtim), time_of(status.st_ctim));
  if (written + tick < search.began) return;
  SharedFile file{path,
                  Bytes{static_cast<std::uint64_t>(status.st_blocks) * 512},
                  std::nullopt};
  const UniqueFd fd(
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (fd && search.owners.readable()) {
    file.charged =
        is_charged(fd.get(), static_cast<std::uint64_t>(status.st_size),
                   search.owners, search.cgroup);
  }
  if (file.charged != false) found.push_back(std::move(file));
}

/// Of the file system that is mounted at `top`.
void add_files_below(const std::string& top, const Search& search,
                     std::vector<SharedFile>& found) {
  struct stat of_top {};
  if (::stat(top.c_str(), &of_top) != 0) return;
  std::error_code error;
  const auto options = fs::directory_options::skip_permission_denied;
  fs::recursive_directory_iterator entry(top, options, error);
  std::size_t seen = 0;
  for (; !error && entry != fs::recursive_directory_iterator();
       entry.increment(error)) {
    if (++seen > most_entries) return;
    struct stat status {};
    const bool is_elsewhere = ::lstat(entry->path().c_str(), &status) != 0 ||
                              status.st_dev != of_top.st_dev;
    if (is_elsewhere) {
      entry.disable_recursion_pending();
      continue;
    }
    add_file(entry->path(), search, found);
  }
}

/// Each tmpfs once.
std::vector<std::string> tmpfs_mounts() {
  const auto text = cgroupfs::try_read_file("/proc/self/mountinfo");
  std::vector<std::string> mounts;
  std::set<dev_t> seen;
  for (const cgroupfs::Mount& mount :
       cgroupfs::parse_mountinfo(text.value_or(""))) {
    struct stat status {};
    const bool is_shared = mount.type == "tmpfs" || mount.type == "devtmpfs";
    if (!is_shared || ::stat(mount.mount_point.c_str(), &status) != 0 ||
        !seen.insert(status.st_dev).second) {
      continue;
    }
    mounts.push_back(mount.mount_point);
  }
  return mounts;
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
      found.push_back({fmt::format("shmid {}", words[1]), bytes, std::nullopt});
    }
  }
}

std::vector<SharedFile> find_files(const cgroupfs::Cgroup& group,
                                   std::chrono::system_clock::time_point began,
                                   const Ledger& ledger) try {
  struct stat status {};
  if (::fstat(group.directory().fd(), &status) != 0) return {};
  const Search search{status.st_ino, began, PageOwners()};
  std::vector<SharedFile> found;
  for (const std::string& mount : tmpfs_mounts()) {
    add_files_below(mount, search, found);
  }
  add_segments(ledger, found);
  std::stable_sort(found.begin(), found.end(),
                   [](const SharedFile& a, const SharedFile& b) {
                     return a.bytes > b.bytes;
                   });
  if (found.size() > most_files) found.resize(most_files);
  return found;
} catch (const std::exception&) {
  // Whose it is stays open.
  return {};
}

}  // namespace

std::optional<SharedMemoryLeft> read_shared_memory_left(
    const cgroupfs::Cgroup& group, std::chrono::system_clock::time_point began,
    const Ledger& ledger) {
  const auto memory = cgroupfs::Memory::open(group);
  const auto bytes = read_composition(memory).shmem;
  if (!bytes || *bytes == 0) return std::nullopt;
  return SharedMemoryLeft{Bytes{*bytes}, find_files(group, began, ledger)};
}

}  // namespace lab
