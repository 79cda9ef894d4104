// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>

#include "malloc_demo/allocator.h"

namespace malloc_demo {

/// Memory from malloc, aligned to pages. For each block glibc writes a header,
/// which makes one more page resident.
class MallocAllocator final : public Allocator {
 public:
  std::unique_ptr<Block> allocate(std::size_t size) override;
};

/// Shared anonymous mappings: for the kernel tmpfs memory (shmem).
class SharedAllocator final : public Allocator {
 public:
  std::unique_ptr<Block> allocate(std::size_t size) override;
};

/// Like MallocAllocator; each page is locked when it is first touched
/// (MLOCK_ONFAULT), so that allocation by itself charges nothing.
class LockedAllocator final : public Allocator {
 public:
  std::unique_ptr<Block> allocate(std::size_t size) override;
};

/// Like MallocAllocator, but never with huge pages.
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

/// Anonymous mappings at huge-page boundaries with MADV_HUGEPAGE. A remainder
/// shorter than a huge page consists of small pages.
class HugePageAllocator final : public Allocator {
 public:
  /// Throws std::runtime_error when transparent huge pages are disabled
  /// (admin-guide/mm/transhuge.rst).
  HugePageAllocator();
  std::unique_ptr<Block> allocate(std::size_t size) override;

 private:
  std::size_t huge_page_size_;
};

}  // namespace malloc_demo
