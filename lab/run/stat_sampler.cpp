// SPDX-License-Identifier: MIT
#include "lab/run/stat_sampler.h"

#include <algorithm>

#include "lab/run/readings.h"

namespace lab {
namespace {

/// A long run keeps every second sample then.
constexpr std::size_t most_samples = 4000;

template <typename Values>
void thin_out(Values& values) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < values.size(); i += 2) values[kept++] = values[i];
  values.resize(kept);
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
  const std::size_t before = samples_.time_ns.size() - 1;
  const auto add = [before](std::optional<Column>& column,
                            const std::optional<std::uint64_t>& value) {
    if (before == 0) column.emplace();
    if (value && column) {
      column->push_back(*value);
    } else {
      column.reset();
    }
  };
  add(samples_.anon, now.anon);
  add(samples_.shmem, now.shmem);
  add(samples_.file, now.file);
  add(samples_.kernel, now.kernel);
  add(samples_.swap, now.swap);
  add(samples_.stalled_us, read_stalled_us(memory));
  if (samples_.time_ns.size() < most_samples) return;
  thin_out(samples_.time_ns);
  for (auto* const column :
       {&samples_.anon, &samples_.shmem, &samples_.file, &samples_.kernel,
        &samples_.swap, &samples_.stalled_us}) {
    if (*column) thin_out(**column);
  }
  interval_ns_ *= 2;
}

}  // namespace lab
