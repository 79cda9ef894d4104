// SPDX-License-Identifier: MIT
#include "lab/run/sampler.h"

namespace lab {
namespace {

constexpr std::size_t most_samples = 100000;

template <typename Column>
void drop_every_second(Column& column) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < column.size(); i += 2) column[kept++] = column[i];
  column.resize(kept);
}

}  // namespace

Sampler::Sampler(std::vector<const cgroupfs::Memory*> memories,
                 const Progress* progress, nanoseconds interval)
    : memories_(std::move(memories)), progress_(progress), interval_(interval) {
  samples_.usage.resize(memories_.size());
  if (progress_) samples_.touched.emplace();
  timer_.every(interval_);
}

void Sampler::sample() {
  timer_.drain();
  if (samples_.time_ns.size() >= most_samples) thin_out();
  samples_.time_ns.push_back(monotonic_ns());
  for (std::size_t i = 0; i < memories_.size(); ++i) {
    samples_.usage[i].push_back(memories_[i]->usage().count);
  }
  if (progress_) samples_.touched->push_back(progress_->touched().count);
  stat_.sample(*memories_.front(), samples_.time_ns.back());
}

void Sampler::thin_out() {
  drop_every_second(samples_.time_ns);
  for (Column& usage : samples_.usage) drop_every_second(usage);
  if (samples_.touched) drop_every_second(*samples_.touched);
  interval_ *= 2;
  timer_.every(interval_);
}

}  // namespace lab
