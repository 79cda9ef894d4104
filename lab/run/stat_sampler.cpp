// SPDX-License-Identifier: MIT
#include "lab/run/stat_sampler.h"

#include <algorithm>

#include "lab/place/memory_access.h"

namespace lab {
namespace {

using cgroupfs::Version;

/// A long run keeps every second sample then.
constexpr std::size_t most_samples = 4000;

void thin_out(std::vector<std::uint64_t>& column) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < column.size(); i += 2) column[kept++] = column[i];
  column.resize(kept);
}

}  // namespace

void StatSampler::sample(const cgroupfs::MemoryController& memory,
                         std::int64_t now_ns) {
  // The first is due an interval after the beginning: short runs go without.
  if (next_ns_ == 0) next_ns_ = now_ns + interval_ns_;
  if (now_ns < next_ns_) return;
  next_ns_ = now_ns + interval_ns_;
  const bool v1 = memory.version() == Version::v1;
  const auto stat = memory.stat();
  const auto get = [&](const char* v1_key, const char* v2_key) {
    return cgroupfs::find(stat, v1 ? v1_key : v2_key);
  };
  const std::uint64_t shmem = get("total_shmem", "shmem").value_or(0);
  const std::uint64_t file = get("total_cache", "file").value_or(0);
  samples_.time_ns.push_back(now_ns);
  samples_.anon.push_back(get("total_rss", "anon").value_or(0));
  samples_.shmem.push_back(shmem);
  samples_.file.push_back(file - std::min(file, shmem));
  // v1 has no such sum.
  if (const auto kernel = get("", "kernel")) samples_.kernel.push_back(*kernel);
  if (v1) {
    if (const auto swap = get("total_swap", "")) samples_.swap.push_back(*swap);
  } else if (tells_swap_) {
    const auto swap = if_supported([&] { return memory.swap_usage(); });
    tells_swap_ = swap.has_value();
    if (swap) samples_.swap.push_back(swap->count);
  }
  if (!v1 && tells_pressure_) {
    const auto pressure = if_supported([&] { return memory.pressure(); });
    tells_pressure_ = pressure.has_value();
    if (pressure) {
      samples_.stalled_us.push_back(
          static_cast<std::uint64_t>(pressure->some.total.count()));
    }
  }
  if (samples_.time_ns.size() < most_samples) return;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < samples_.time_ns.size(); i += 2) {
    samples_.time_ns[kept++] = samples_.time_ns[i];
  }
  samples_.time_ns.resize(kept);
  for (const auto& [key, column] : samples_.columns()) thin_out(*column);
  interval_ns_ *= 2;
}

}  // namespace lab
