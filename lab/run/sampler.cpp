// SPDX-License-Identifier: MIT
#include "lab/run/sampler.h"

#include "lab/run/readings.h"

namespace lab {
namespace {

constexpr std::size_t most_kept_samples = 100000;
constexpr std::size_t most_stat_samples = 4000;

template <typename Values>
void drop_every_second(Values& values) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < values.size(); i += 2) values[kept++] = values[i];
  values.resize(kept);
}

void drop_every_second(std::optional<Column>& column) {
  if (column) drop_every_second(*column);
}

}  // namespace

Sampler::Sampler(const std::deque<RunCgroup>& cgroups,
                 const RunProcess& process, nanoseconds interval)
    : cgroups_(cgroups), process_(process), interval_(interval) {
  samples_.usage.resize(cgroups.size());
  row_.resize(cgroups.size());
  if (process.touched()) samples_.touched.emplace();
  timer_.every(interval_);
}

void Sampler::sample() {
  timer_.drain();
  if (samples_.time_ns.size() >= most_kept_samples) {
    drop_every_second(samples_.time_ns);
    for (Column& usage : samples_.usage) drop_every_second(usage);
    drop_every_second(samples_.touched);
    interval_ *= 2;
    timer_.every(interval_);
  }
  const std::int64_t now = monotonic_ns();
  // A cgroup that is gone must not leave half a row.
  for (std::size_t i = 0; i < cgroups_.size(); ++i) {
    row_[i] = cgroups_[i].memory.usage().count;
  }
  samples_.time_ns.push_back(now);
  for (std::size_t i = 0; i < row_.size(); ++i) {
    samples_.usage[i].push_back(row_[i]);
  }
  if (samples_.touched) samples_.touched->push_back(process_.touched()->count);
  note_highest(now);
  sample_stat(now);
}

void Sampler::note_highest(std::int64_t now_ns) {
  const Bytes usage{samples_.usage.front().back()};
  if (highest_ && usage <= highest_->usage) return;
  const Composition parts = read_composition(cgroups_.front().memory);
  highest_ = PeakSplit{now_ns,     usage,       parts.anon,
                       parts.file, parts.shmem, parts.kernel};
}

void Sampler::sample_stat(std::int64_t now_ns) {
  // The first is due one interval after the start: short runs have none.
  if (next_stat_ns_ == 0) next_stat_ns_ = now_ns + stat_interval_ns_;
  if (now_ns < next_stat_ns_) return;
  next_stat_ns_ = now_ns + stat_interval_ns_;
  const cgroupfs::Memory& memory = cgroups_.front().memory;
  const Composition now = read_composition(memory);
  const auto stalled = read_stalled(memory);
  StatSamples& stat = samples_.stat;
  const bool first = stat.time_ns.empty();
  stat.time_ns.push_back(now_ns);
  // A value missing at one time would shift the rest of its column to wrong
  // times.
  const auto add = [first](std::optional<Column>& column,
                           const std::optional<std::uint64_t>& value) {
    if (first) column.emplace();
    if (value && column) {
      column->push_back(*value);
    } else {
      column.reset();
    }
  };
  add(stat.anon, now.anon);
  add(stat.shmem, now.shmem);
  add(stat.file, now.file);
  add(stat.kernel, now.kernel);
  add(stat.swap, now.swap);
  add(stat.stalled_us,
      stalled
          ? std::optional(static_cast<std::uint64_t>(stalled->count() / 1000))
          : std::nullopt);
  if (stat.time_ns.size() < most_stat_samples) return;
  drop_every_second(stat.time_ns);
  for (auto* const column : {&stat.anon, &stat.shmem, &stat.file, &stat.kernel,
                             &stat.swap, &stat.stalled_us}) {
    drop_every_second(*column);
  }
  stat_interval_ns_ *= 2;
}

}  // namespace lab
