// SPDX-License-Identifier: MIT
#include "malloc_demo/allocator.h"

#include <unistd.h>

#include "malloc_demo/file_memory.h"
#include "malloc_demo/mapped_memory.h"

namespace malloc_demo {

std::unique_ptr<Allocator> make_allocator(MemoryKind kind,
                                          const std::string& file_dir) {
  switch (kind) {
    case MemoryKind::Anon:
      return std::make_unique<MallocAllocator>();
    case MemoryKind::Shm:
      return std::make_unique<SharedAllocator>();
    case MemoryKind::File:
      return std::make_unique<FileAllocator>(file_dir);
    case MemoryKind::Mlock:
      return std::make_unique<LockedAllocator>();
    case MemoryKind::Thp:
      return std::make_unique<HugePageAllocator>();
  }
  return nullptr;
}

std::size_t page_size() noexcept {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

}  // namespace malloc_demo
