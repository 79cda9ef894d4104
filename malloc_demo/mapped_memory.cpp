// SPDX-License-Identifier: MIT
#include "malloc_demo/mapped_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "malloc_demo/system_failure.h"
#include "malloc_demo/units.h"

namespace malloc_demo {
namespace {

// Linux 5.14; older headers do not have it.
#ifdef MADV_POPULATE_WRITE
constexpr int populate_write = MADV_POPULATE_WRITE;
#else
constexpr int populate_write = 23;
#endif

bool kernel_populates = true;

/// Memory of this process, freed by `release`.
class MappedBlock final : public Block {
 public:
  using Release = void (*)(void* address, std::size_t size);

  MappedBlock(void* address, std::size_t size, Release release) noexcept
      : address_(static_cast<char*>(address)), size_(size), release_(release) {}
  ~MappedBlock() override { release_(address_, size_); }

  std::size_t size() const noexcept override { return size_; }
  void* address() const noexcept { return address_; }

  void write_pages(std::size_t offset, std::size_t length) override {
    for (std::size_t end = offset + length; offset < end;
         offset += page_size()) {
      static_cast<volatile char*>(address_)[offset] = 1;
    }
  }

  void populate(std::size_t offset, std::size_t length) override {
    if (kernel_populates &&
        madvise(address_ + offset, length, populate_write) != 0 &&
        errno == EINVAL) {
      kernel_populates = false;
    }
    // A page that cannot be charged makes the system call fail, while a fault
    // from user mode invokes the OOM killer, or sleeps where v1 has
    // oom_kill_disable set. And populated pages contain zeros: since Linux 6.12
    // the kernel frees such pages when it splits a huge page.
    write_pages(offset, length);
  }

  void read_pages(std::size_t offset, std::size_t length) override {
    for (std::size_t end = offset + length; offset < end;
         offset += page_size()) {
      static_cast<void>(static_cast<volatile char*>(address_)[offset]);
    }
  }

 private:
  char* address_;
  std::size_t size_;
  Release release_;
};

void unmap(void* address, std::size_t size) {
  munmap(address, size);
}

void free_block(void* address, std::size_t) {
  std::free(address);
}

/// The first line of a file in /proc or sysfs; empty when it cannot be read.
std::string read_line(const char* path) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return "";
  std::array<char, 128> text{};
  const ssize_t length = read(fd, text.data(), text.size());
  close(fd);
  const std::string line(text.data(),
                         length > 0 ? static_cast<std::size_t>(length) : 0);
  return line.substr(0, line.find('\n'));
}

/// Field `index` of /proc/self/statm in bytes (proc(5)): 0 is the address
/// space, 5 the private writable memory.
std::uint64_t mapped_bytes(std::size_t index) {
  std::istringstream statm(read_line("/proc/self/statm"));
  std::uint64_t pages = 0;
  for (std::size_t field = 0; field <= index; ++field) statm >> pages;
  return pages * page_size();
}

/// Whether `size` more would exceed a resource limit with `used` in use.
bool exceeds(const rlimit& limit, std::uint64_t used, std::size_t size) {
  return limit.rlim_cur != RLIM_INFINITY &&
         (used > limit.rlim_cur || size > limit.rlim_cur - used);
}

std::string limit_advice(const char* name, const rlimit& limit,
                         const char* option) {
  // A shell that lowered the hard limit cannot raise it again.
  const bool only_root = geteuid() != 0 && limit.rlim_max != RLIM_INFINITY;
  return std::string("the process is limited by ") + name + ", " +
         format_size(limit.rlim_cur) +
         (only_root
              ? ", which only root can raise"
              : std::string(": raise it with ulimit ") + option + " unlimited");
}

/// In mode 0 the kernel refuses only obvious overcommits, in mode 2 everything
/// above its commit limit (Documentation/mm/overcommit-accounting.rst).
std::string overcommit_advice(std::size_t size) {
  const std::string mode = read_line("/proc/sys/vm/overcommit_memory");
  if (mode == "2") {
    return "vm.overcommit_memory is 2, so CommitLimit in /proc/meminfo limits "
           "the allocations of all processes; as root: sysctl "
           "vm.overcommit_memory=0";
  }
  struct sysinfo host {};
  if (mode != "0" || sysinfo(&host) != 0) return "";
  const std::uint64_t most =
      (std::uint64_t{host.totalram} + host.totalswap) * host.mem_unit;
  if (size <= most) return "";
  return "vm.overcommit_memory is 0, so one allocation may not be larger than "
         "memory and swap, " +
         format_size(most) + ": use a smaller --block";
}

/// Why `size` bytes of address space were refused, and the cure.
std::string advice_on_refusal(std::size_t size) {
  rlimit space{};
  rlimit data{};
  getrlimit(RLIMIT_AS, &space);
  getrlimit(RLIMIT_DATA, &data);
  if (exceeds(space, mapped_bytes(0), size)) {
    return limit_advice("RLIMIT_AS", space, "-v");
  }
  if (exceeds(data, mapped_bytes(5), size)) {
    return limit_advice("RLIMIT_DATA", data, "-d");
  }
  return overcommit_advice(size);
}

[[noreturn]] void refuse(std::size_t size, const char* call, int error) {
  fail(error, "cannot allocate " + format_size(size) + " with " + call,
       error == ENOMEM ? advice_on_refusal(size) : "");
}

char* map_pages(std::size_t size, int flags) {
  void* address = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                       flags | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (address == MAP_FAILED) refuse(size, "mmap", errno);
  return static_cast<char*>(address);
}

std::unique_ptr<MappedBlock> malloc_block(std::size_t size) {
  void* address = nullptr;
  const int error = posix_memalign(&address, page_size(), size);
  if (error != 0) refuse(size, "posix_memalign", error);
  return std::make_unique<MappedBlock>(address, size, free_block);
}

[[noreturn]] void refuse_lock(std::size_t size, const std::string& call,
                              int error) {
  rlimit limit{};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  fail(error, "cannot lock " + format_size(size) + " with " + call,
       "all blocks together must stay within RLIMIT_MEMLOCK, " +
           format_size(limit.rlim_cur) +
           ": raise it with ulimit -l or run as root");
}

#define THP_FOLDER "/sys/kernel/mm/transparent_hugepage/"

void require_huge_pages() {
  const std::string mode = read_line(THP_FOLDER "enabled");
  if (mode.empty()) {
    throw std::runtime_error(
        "cannot allocate huge pages: this kernel has no " THP_FOLDER "enabled");
  }
  if (mode.find("[never]") != std::string::npos) {
    throw std::runtime_error("cannot allocate huge pages: " THP_FOLDER
                             "enabled is '" +
                             mode + "'; as root, write madvise to it");
  }
}

}  // namespace

std::unique_ptr<Block> MallocAllocator::allocate(std::size_t size) {
  return malloc_block(size);
}

std::unique_ptr<Block> SharedAllocator::allocate(std::size_t size) {
  return std::make_unique<MappedBlock>(map_pages(size, MAP_SHARED), size,
                                       unmap);
}

std::unique_ptr<Block> LockedAllocator::allocate(std::size_t size) {
  std::unique_ptr<MappedBlock> block = malloc_block(size);
  if (mlock2(block->address(), size, MLOCK_ONFAULT) == 0) return block;
  refuse_lock(size, "mlock2", errno);
}

std::unique_ptr<Block> LockedAtOnceAllocator::allocate(std::size_t size) {
  std::unique_ptr<MappedBlock> block = malloc_block(size);
  if (mlock(block->address(), size) == 0) return block;
  refuse_lock(size, "mlock", errno);
}

std::unique_ptr<Block> PopulatedAllocator::allocate(std::size_t size) {
  return std::make_unique<MappedBlock>(
      map_pages(size, MAP_PRIVATE | MAP_POPULATE), size, unmap);
}

std::unique_ptr<Block> SmallPageAllocator::allocate(std::size_t size) {
  std::unique_ptr<MappedBlock> block = malloc_block(size);
  // A kernel without huge pages rejects the advice, and does not need it.
  madvise(block->address(), size, MADV_NOHUGEPAGE);
  return block;
}

HugePageAllocator::HugePageAllocator() {
  require_huge_pages();
  const std::string size = read_line(THP_FOLDER "hpage_pmd_size");
  huge_page_size_ = size.empty() ? std::size_t{2} << 20
                                 : parse_number(size, page_size(), SIZE_MAX);
}

std::unique_ptr<Block> HugePageAllocator::allocate(std::size_t size) {
  char* const start = map_pages(size + huge_page_size_, MAP_PRIVATE);
  const auto misalignment =
      reinterpret_cast<std::uintptr_t>(start) % huge_page_size_;
  const std::size_t before = huge_page_size_ - misalignment;
  munmap(start, before);
  char* const address = start + before;
  if (misalignment != 0) munmap(address + size, misalignment);
  auto block = std::make_unique<MappedBlock>(address, size, unmap);
  if (madvise(address, size, MADV_HUGEPAGE) != 0) {
    fail(errno, "cannot use huge pages for " + format_size(size) +
                    " with madvise(MADV_HUGEPAGE)");
  }
  return block;
}

}  // namespace malloc_demo
