// SPDX-License-Identifier: MIT
#include "malloc_demo/allocator.h"

#include <unistd.h>

#include "malloc_demo/file_memory.h"
#include "malloc_demo/mapped_memory.h"

namespace malloc_demo {

std::unique_ptr<Allocator> make_allocator(const Options& options) {
  switch (options.memory) {
    case MemoryKind::anon:
      return std::make_unique<MallocAllocator>();
    case MemoryKind::shm:
      return std::make_unique<SharedAllocator>();
    case MemoryKind::file:
      return std::make_unique<FileAllocator>(
          options.file.empty()
              ? FileAllocator::temporary(options.file_dir)
              : FileAllocator::open(options.file, options.file_offset));
    case MemoryKind::mlock:
      return std::make_unique<LockedAllocator>();
    case MemoryKind::thp:
      return std::make_unique<HugePageAllocator>();
    case MemoryKind::small:
      return std::make_unique<SmallPageAllocator>();
    case MemoryKind::populate:
      return std::make_unique<PopulatedAllocator>();
    case MemoryKind::locked:
      return std::make_unique<LockedAtOnceAllocator>();
  }
  return nullptr;
}

std::size_t page_size() noexcept {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

}  // namespace malloc_demo
