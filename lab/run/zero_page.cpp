// SPDX-License-Identifier: MIT
#include "lab/run/zero_page.h"

#include <sys/mman.h>

#include <cstddef>
#include <optional>

#include "cgroupfs/directory.h"
#include "lab/base/units.h"
#include "lab/place/environment.h"

namespace lab {
namespace {

constexpr std::size_t probed = mebi;

/// Anonymous memory of this process, counted page by page: the totals of statm
/// and status may lag.
std::optional<Bytes> own_anonymous_memory() {
  const auto text = cgroupfs::try_read_file("/proc/self/smaps_rollup");
  return text ? meminfo_value(*text, "Anonymous") : std::nullopt;
}

void read_pages(const void* memory) {
  const auto* const bytes = static_cast<const volatile char*>(memory);
  for (std::size_t i = 0; i < probed; i += cgroupfs::page_size().count) {
    static_cast<void>(bytes[i]);
  }
}

}  // namespace

bool reads_share_a_page() {
  void* const memory = ::mmap(nullptr, probed, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return true;
  ::madvise(memory, probed, MADV_NOHUGEPAGE);
  const auto before = own_anonymous_memory();
  read_pages(memory);
  const auto after = own_anonymous_memory();
  ::munmap(memory, probed);
  return !before || !after || after->count < before->count + probed / 2;
}

}  // namespace lab
