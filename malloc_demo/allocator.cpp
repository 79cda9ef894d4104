// SPDX-License-Identifier: MIT
#include "malloc_demo/allocator.h"

#include <unistd.h>

#include "malloc_demo/file_memory.h"
#include "malloc_demo/mapped_memory.h"

namespace malloc_demo {

std::unique_ptr<Allocator> make_allocator(MemoryKind kind,
                                          const std::string& file_dir) {
  switch (kind) {
    case MemoryKind::anon:
      return std::make_unique<MallocAllocator>();
    case MemoryKind::shm:
      return std::make_unique<SharedAllocator>();
    case MemoryKind::file:
      return std::make_unique<FileAllocator>(file_dir);
    case MemoryKind::mlock:
      return std::make_unique<LockedAllocator>();
    case MemoryKind::thp:
      return std::make_unique<HugePageAllocator>();
  }
  return nullptr;
}

std::size_t page_size() noexcept {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

}  // namespace malloc_demo
