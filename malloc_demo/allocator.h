// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "malloc_demo/options.h"

namespace malloc_demo {

/// One allocation, held until the object is destroyed. Offsets and lengths are
/// bytes in whole pages and within size(). The calls that touch throw
/// std::runtime_error when the kernel returns an error; for mapped memory it
/// never does: it kills the process or lets it sleep.
class Block {
 public:
  Block() = default;
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  virtual ~Block() = default;

  virtual std::size_t size() const noexcept = 0;

  /// Makes pages resident by writing to each of them from user mode.
  virtual void write_pages(std::size_t offset, std::size_t length) = 0;

  /// The same at full speed: with one system call for all faults where the
  /// kernel can.
  virtual void populate(std::size_t offset, std::size_t length) = 0;

  /// Reads a byte of each page.
  virtual void read_pages(std::size_t offset, std::size_t length) = 0;
};

/// The source of blocks of one kind; outlives its blocks.
class Allocator {
 public:
  Allocator() = default;
  Allocator(const Allocator&) = delete;
  Allocator& operator=(const Allocator&) = delete;
  virtual ~Allocator() = default;

  /// A new block of `size` bytes, untouched. Throws std::runtime_error with
  /// size and errno when the kernel refuses it.
  virtual std::unique_ptr<Block> allocate(std::size_t size) = 0;
};

/// The allocator for `options.memory`, with its files open. Throws
/// std::runtime_error when the file cannot be created or opened, or when the
/// kernel provides no huge pages.
std::unique_ptr<Allocator> make_allocator(const Options& options);

/// The kernel's page size in bytes.
std::size_t page_size() noexcept;

}  // namespace malloc_demo
