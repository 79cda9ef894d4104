// SPDX-License-Identifier: MIT
#include "lab/run/stat_sampler.h"

#include <algorithm>

#include "lab/run/readings.h"

namespace lab {
namespace {

/// A long run keeps every second sample then.
constexpr std::size_t most_samples = 4000;

void thin_out(std::vector<std::uint64_t>& column) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < column.size(); i += 2) column[kept++] = column[i];
  column.resize(kept);
}

}  // namespace

void StatSampler::sample(const cgroupfs::Memory& memory, std::int64_t now_ns) {
  // The first is due an interval after the beginning: short runs go without.
  if (next_ns_ == 0) next_ns_ = now_ns + interval_ns_;
  if (now_ns < next_ns_) return;
  next_ns_ = now_ns + interval_ns_;
  const Composition now = composition_of(memory, memory.stat());
  samples_.time_ns.push_back(now_ns);
  // What this kernel lacks at a time would put the rest of its column beside
  // wrong times.
  const auto add = [this](std::vector<std::uint64_t>& column,
                          const std::optional<std::uint64_t>& value) {
    const bool complete = column.size() + 1 == samples_.time_ns.size();
    if (value && complete) {
      column.push_back(*value);
    } else {
      column.clear();
    }
  };
  add(samples_.anon, now.anon);
  add(samples_.shmem, now.shmem);
  add(samples_.file, now.file);
  add(samples_.kernel, now.kernel);
  add(samples_.swap, now.swap);
  add(samples_.stalled_us, read_stalled_us(memory));
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
