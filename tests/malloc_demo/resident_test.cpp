// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "hog_process.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_folder.h"

namespace {

constexpr std::uint64_t resident_bytes = std::uint64_t{8} << 20;

/// A field of /proc/PID/smaps_rollup in bytes.
std::uint64_t memory_of(const HogProcess& hog, const std::string& field) {
  std::ifstream stream("/proc/" + std::to_string(hog.pid()) + "/smaps_rollup");
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with(field + ":")) {
      return std::stoull(line.substr(field.size() + 1)) * 1024;
    }
  }
  ADD_FAILURE() << "smaps_rollup has no " << field;
  return 0;
}

std::vector<std::string> hog_arguments(const char* memory, const char* touch) {
  return {"--total", "8M",       "--block", "4M",      "--interval", "0",
          "--hold",  "--memory", memory,    "--touch", touch};
}

bool runs_until_it_holds(HogProcess& hog) {
  hog.open_gate();
  std::string line;
  do {
    line = hog.read_line();
  } while (!line.empty() && line.find("holding") == line.npos);
  return !line.empty();
}

/// By how many bytes a field grows from the gate until the hog holds it all.
std::uint64_t growth(HogProcess& hog, const std::string& field) {
  EXPECT_TRUE(hog.stops_at(0));
  const std::uint64_t before = memory_of(hog, field);
  EXPECT_TRUE(runs_until_it_holds(hog));
  const std::uint64_t after = memory_of(hog, field);
  return after > before ? after - before : 0;
}

struct Kind {
  const char* memory;
  const char* field;
};

class WriteTest : public testing::TestWithParam<Kind> {};

TEST_P(WriteTest, MakesEveryPageResident) {
  HogProcess hog(hog_arguments(GetParam().memory, "write"));
  EXPECT_GE(growth(hog, GetParam().field), resident_bytes);
}

struct Mapping {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// Those that have at least half of all bytes in memory: a sanitizer reserves
/// terabytes more.
std::vector<Mapping> resident_mappings(const HogProcess& hog) {
  std::vector<Mapping> found;
  Mapping now;
  std::ifstream smaps("/proc/" + std::to_string(hog.pid()) + "/smaps");
  for (std::string line; std::getline(smaps, line);) {
    const bool is_field = line.find(": ") < line.find(' ');
    std::size_t length = 0;
    if (!is_field) {
      now.begin = std::stoull(line, &length, 16);
      now.end = std::stoull(line.substr(length + 1), nullptr, 16);
    } else if (line.starts_with("Rss:") &&
               std::stoull(line.substr(4)) * 1024 >= resident_bytes / 2) {
      found.push_back(now);
    }
  }
  return found;
}

/// Resident pages that do not hold only zeros.
std::uint64_t written_pages(const HogProcess& hog) {
  const std::string path = "/proc/" + std::to_string(hog.pid()) + "/mem";
  const int memory = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_GE(memory, 0);
  std::vector<char> page(static_cast<std::size_t>(sysconf(_SC_PAGESIZE)));
  const std::vector<char> zeros(page.size());
  std::uint64_t count = 0;
  for (const auto& [begin, end] : resident_mappings(hog)) {
    for (std::uint64_t at = begin; at < end; at += page.size()) {
      const ssize_t got =
          pread(memory, page.data(), page.size(), static_cast<off_t>(at));
      EXPECT_EQ(got, static_cast<ssize_t>(page.size()));
      if (page != zeros) ++count;
    }
  }
  close(memory);
  return count;
}

// From Linux 6.12 on the kernel frees zero-filled pages when it splits a huge
// page: they would not stay charged.
TEST_P(WriteTest, LeavesNoPageOfZeros) {
  HogProcess hog(hog_arguments(GetParam().memory, "write"));
  EXPECT_TRUE(hog.stops_at(0));
  EXPECT_TRUE(runs_until_it_holds(hog));
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  EXPECT_GE(written_pages(hog), resident_bytes / page);
}

INSTANTIATE_TEST_SUITE_P(Kinds, WriteTest,
                         testing::Values(Kind{"anon", "Anonymous"},
                                         Kind{"shm", "Pss_Shmem"}));

TEST(Touch, ByRampMakesEveryPageResident) {
  auto arguments = hog_arguments("anon", "write");
  arguments.insert(arguments.end(), {"--ramp", "50ms"});
  HogProcess hog(arguments);
  EXPECT_GE(growth(hog, "Anonymous"), resident_bytes);
}

/// Whether reading private memory that nobody wrote maps the shared page of
/// zeros. Kernels of some virtual machines allocate a page instead.
bool kernel_has_zero_page() {
  void* const memory = ::mmap(nullptr, resident_bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  EXPECT_NE(memory, MAP_FAILED);
  const auto anonymous = [] {
    std::ifstream stream("/proc/self/status");
    for (std::string line; std::getline(stream, line);) {
      if (line.starts_with("RssAnon:")) return std::stoull(line.substr(8));
    }
    return 0ULL;
  };
  const auto before = anonymous();
  for (std::uint64_t i = 0; i < resident_bytes; i += 4096) {
    static_cast<void>(static_cast<const volatile char*>(memory)[i]);
  }
  const auto after = anonymous();
  ::munmap(memory, resident_bytes);
  return (after - before) * 1024 < resident_bytes / 2;
}

TEST(Touch, ReadMapsTheZeroPage) {
  if (!kernel_has_zero_page()) {
    GTEST_SKIP() << "this kernel has no shared zero page for reads";
  }
  HogProcess hog(hog_arguments("anon", "read"));
  EXPECT_LT(growth(hog, "Anonymous"), resident_bytes / 2);
}

TEST(Touch, ReadAllocatesSharedMemory) {
  HogProcess hog(hog_arguments("shm", "read"));
  EXPECT_GE(growth(hog, "Pss_Shmem"), resident_bytes);
}

TEST(Touch, NoneOnlyAllocates) {
  HogProcess hog(hog_arguments("anon", "none"));
  EXPECT_LT(growth(hog, "Anonymous"), resident_bytes / 2);
}

/// The path under /proc of the temporary file a hog has open.
std::filesystem::path open_file(const HogProcess& hog,
                                const std::string& folder) {
  const std::string fds = "/proc/" + std::to_string(hog.pid()) + "/fd";
  for (const auto& entry : std::filesystem::directory_iterator(fds)) {
    const std::string target = std::filesystem::read_symlink(entry.path());
    if (target.starts_with(folder + "/malloc_demo.") &&
        target.ends_with(" (deleted)")) {
      return entry.path();
    }
  }
  return {};
}

std::uint64_t cached_bytes(const std::filesystem::path& file) {
  const int fd = open(file.c_str(), O_RDWR | O_CLOEXEC);
  void* const address =
      mmap(nullptr, resident_bytes, PROT_READ, MAP_SHARED, fd, 0);
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> resident(resident_bytes / page);
  EXPECT_EQ(mincore(address, resident_bytes, resident.data()), 0);
  munmap(address, resident_bytes);
  close(fd);
  std::uint64_t bytes = 0;
  for (const unsigned char flags : resident) bytes += (flags & 1U) * page;
  return bytes;
}

class FileTest : public testing::TestWithParam<const char*> {};

TEST_P(FileTest, FillsThePageCacheOfAnUnlinkedFile) {
  const TempFolder folder;
  auto arguments = hog_arguments("file", GetParam());
  arguments.insert(arguments.end(), {"--file-dir", folder.path()});
  HogProcess hog(arguments);
  EXPECT_LT(growth(hog, "Anonymous"), resident_bytes / 2);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  const auto file = open_file(hog, folder.path());
  ASSERT_FALSE(file.empty());
  EXPECT_EQ(cached_bytes(file), resident_bytes);
}

INSTANTIATE_TEST_SUITE_P(Touches, FileTest, testing::Values("write", "read"));

bool may_lock() {
  rlimit limit{};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  return geteuid() == 0 || limit.rlim_cur >= resident_bytes;
}

TEST(Mlock, LocksEveryPage) {
  if (!may_lock()) GTEST_SKIP() << "RLIMIT_MEMLOCK is below 8 MiB";
  HogProcess hog(hog_arguments("mlock", "write"));
  EXPECT_GE(growth(hog, "Locked"), resident_bytes);
}

TEST(Mlock, AllocatingAloneIsNotResident) {
  if (!may_lock()) GTEST_SKIP() << "RLIMIT_MEMLOCK is below 8 MiB";
  HogProcess hog(hog_arguments("mlock", "none"));
  EXPECT_LT(growth(hog, "Anonymous"), resident_bytes / 2);
}

bool huge_pages_are_on() {
  std::ifstream stream("/sys/kernel/mm/transparent_hugepage/enabled");
  std::string mode;
  std::getline(stream, mode);
  return !mode.empty() && mode.find("[never]") == std::string::npos;
}

/// Whether a mapping of the process asks for huge pages (flag "hg").
bool asks_for_huge_pages(const HogProcess& hog) {
  std::ifstream stream("/proc/" + std::to_string(hog.pid()) + "/smaps");
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("VmFlags:") && line.find(" hg") != line.npos) {
      return true;
    }
  }
  return false;
}

TEST(Thp, AsksForHugePagesOrSaysThatTheyAreOff) {
  if (huge_pages_are_on()) {
    HogProcess hog(hog_arguments("thp", "write"));
    EXPECT_GE(growth(hog, "Anonymous"), resident_bytes);
    EXPECT_TRUE(asks_for_huge_pages(hog));
    return;
  }
  const Ending ending = run_malloc_demo({"--memory", "thp", "--total", "2M"});
  EXPECT_EQ(ending.exit_status, 1);
  EXPECT_TRUE(has(ending.errors, "transparent_hugepage/enabled"));
}

/// Makes MADV_POPULATE_WRITE fail with `error` from now on.
void refuse_populate(unsigned error) {
  constexpr unsigned populate_write = 23;
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[2])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, populate_write, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter = {6, program};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
    _exit(126);
  }
}

class FallBackTest : public testing::TestWithParam<int> {};

TEST_P(FallBackTest, TouchesFromUserMode) {
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, nullptr) != 0 &&
      errno == EINVAL) {
    GTEST_SKIP() << "the kernel has no seccomp filters";
  }
  HogProcess hog(hog_arguments("anon", "write"),
                 [] { refuse_populate(static_cast<unsigned>(GetParam())); });
  EXPECT_GE(growth(hog, "Anonymous"), resident_bytes);
}

INSTANTIATE_TEST_SUITE_P(Errors, FallBackTest, testing::Values(EINVAL, ENOMEM));

}  // namespace
