// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>

#include "malloc_demo/allocator.h"

namespace malloc_demo {

/// What malloc gives, aligned to pages. For each block glibc keeps a header of
/// its own, which makes one page more resident.
class MallocAllocator final : public Allocator {
 public:
  std::unique_ptr<Block> allocate(std::size_t size) override;
};

/// Anonymous mappings that are shared: tmpfs memory to the kernel (shmem).
class SharedAllocator final : public Allocator {
 public:
  std::unique_ptr<Block> allocate(std::size_t size) override;
};

/// Like MallocAllocator; each page is locked when it is first touched
/// (MLOCK_ONFAULT), so that allocating alone charges nothing.
class LockedAllocator final : public Allocator {
 public:
  std::unique_ptr<Block> allocate(std::size_t size) override;
};

/// Like MallocAllocator, never of huge pages.
class SmallPageAllocator final : public Allocator {
 public:
  std::unique_ptr<Block> allocate(std::size_t size) override;
};

/// Filled within the system call that makes them: mmap(MAP_POPULATE).
class PopulatedAllocator final : public Allocator {
 public:
  std::unique_ptr<Block> allocate(std::size_t size) override;
};

/// Filled and locked within one mlock().
class LockedAtOnceAllocator final : public Allocator {
 public:
  std::unique_ptr<Block> allocate(std::size_t size) override;
};

/// Anonymous mappings at huge-page boundaries under MADV_HUGEPAGE. A rest
/// shorter than a huge page consists of small pages.
class HugePageAllocator final : public Allocator {
 public:
  /// Throws std::runtime_error when the kernel has transparent huge pages
  /// switched off (admin-guide/mm/transhuge.rst).
  HugePageAllocator();
  std::unique_ptr<Block> allocate(std::size_t size) override;

 private:
  std::size_t huge_page_size_;
};

}  // namespace malloc_demo
