// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "malloc_demo/allocator.h"

namespace malloc_demo {

/// Page cache: all blocks are adjacent in one temporary file that is unlinked
/// at once. Pages are touched with pwrite() and pread(), so that a full disk is
/// an error and not a SIGBUS. On a disk the kernel may reclaim these pages; on
/// a tmpfs they are shmem.
class FileAllocator final : public Allocator {
 public:
  /// Creates the file in `directory`; if that is empty, in $TMPDIR or /tmp.
  /// Throws std::runtime_error.
  static FileAllocator temporary(std::string directory);
  /// Opens `path`, an existing file, which is kept, or a block device, which
  /// must be large enough; the first block is at `offset`. Throws
  /// std::runtime_error.
  static FileAllocator open(const std::string& path, std::uint64_t offset);
  FileAllocator(FileAllocator&& other) noexcept;
  ~FileAllocator() override;
  std::unique_ptr<Block> allocate(std::size_t size) override;

 private:
  FileAllocator(int fd, bool grows, std::uint64_t offset) noexcept
      : fd_(fd), grows_(grows), size_(offset) {}

  int fd_;
  bool grows_;  ///< false for a block device
  std::uint64_t size_;
};

}  // namespace malloc_demo
