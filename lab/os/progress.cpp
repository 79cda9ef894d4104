// SPDX-License-Identifier: MIT
#include "lab/os/progress.h"

#include <sys/mman.h>
#include <unistd.h>

#include <new>

#include "cgroupfs/error.h"

namespace lab {

Progress::Progress() : fd_(::memfd_create("cglab-progress", MFD_CLOEXEC)) {
  if (!fd_) cgroupfs::throw_errno("create", "memfd cglab-progress");
  const std::size_t length = sizeof(malloc_demo::ProgressPage);
  if (::ftruncate(fd_.get(), static_cast<off_t>(length)) != 0) {
    cgroupfs::throw_errno("resize", "memfd cglab-progress");
  }
  void* const page =
      ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0);
  if (page == MAP_FAILED) cgroupfs::throw_errno("map", "memfd cglab-progress");
  page_ = new (page) malloc_demo::ProgressPage{};
}

Progress::~Progress() {
  ::munmap(page_, sizeof(*page_));
}

Bytes Progress::touched() const noexcept {
  return Bytes{page_->touched_bytes.load(std::memory_order_acquire)};
}

std::optional<std::int64_t> Progress::last_touch() const noexcept {
  const std::uint64_t time =
      page_->last_touch_ns.load(std::memory_order_acquire);
  if (time == 0) return std::nullopt;
  return static_cast<std::int64_t>(time);
}

}  // namespace lab
