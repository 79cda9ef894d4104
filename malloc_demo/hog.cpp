// SPDX-License-Identifier: MIT
#include "malloc_demo/hog.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "malloc_demo/units.h"

namespace malloc_demo {
namespace {

/// Touched at once at full speed: small, so that the progress page is precise,
/// but only a few hundred calls in all, whose time does not matter.
std::size_t chunk_of(std::uint64_t total) noexcept {
  constexpr std::uint64_t least = std::uint64_t{128} << 10;
  const std::uint64_t chunk = std::max(least, total / 512);
  return chunk - chunk % page_size();
}

}  // namespace

Hog::Hog(const Options& options, Allocator& allocator, const Gate* gate,
         ProgressPage& progress, const Output& output)
    : options_(options),
      allocator_(allocator),
      gate_(gate),
      progress_(progress),
      output_(output),
      next_gate_(options.gate_at.begin()) {
  blocks_.reserve(options.count);
}

void Hog::run() {
  pacer_.emplace(options_.total,
                 options_.ramp.value_or(std::chrono::nanoseconds(0)));
  for (std::uint64_t number = 1; number <= options_.count; ++number) {
    take_block(number, std::min(options_.block, options_.total - done_));
    const bool last = number == options_.count;
    if (!options_.ramp && !(last && options_.hold)) {
      sleep_until(monotonic_now() + options_.interval);
    }
  }
}

void Hog::take_block(std::uint64_t number, std::size_t size) {
  const std::string name = "block " + std::to_string(number) + " of " +
                           std::to_string(options_.count) + ": ";
  try {
    blocks_.push_back(allocator_.allocate(size));
    fill(*blocks_.back());
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(name + error.what());
  }
  output_.line(name + format_size(size) + ", total " + format_size(done_));
}

void Hog::fill(Block& block) {
  for (std::size_t offset = 0; offset < block.size();) {
    const std::size_t length = step_within(block.size() - offset);
    pacer_->wait_until_due(done_ + length);
    touch(block, offset, length);
    offset += length;
    done_ += length;
    if (options_.touch != Touch::none) publish();
    pass_gate();
  }
}

bool Hog::paced() const noexcept {
  return options_.ramp && options_.ramp->count() > 0;
}

std::size_t Hog::step_within(std::size_t rest) const noexcept {
  if (paced()) return page_size();
  std::uint64_t step = std::min<std::uint64_t>(chunk_of(options_.total), rest);
  if (next_gate_ != options_.gate_at.end()) {
    step = std::min(step, *next_gate_ - done_);
  }
  return step;
}

void Hog::touch(Block& block, std::size_t offset, std::size_t length) {
  switch (options_.touch) {
    case Touch::write:
      paced() ? block.write_pages(offset, length)
              : block.populate(offset, length);
      break;
    case Touch::read:
      block.read_pages(offset, length);
      break;
    case Touch::none:
      break;
  }
}

void Hog::publish() noexcept {
  progress_.last_touch_ns.store(
      static_cast<std::uint64_t>(monotonic_now().count()),
      std::memory_order_relaxed);
  progress_.touched_bytes.store(done_, std::memory_order_release);
}

void Hog::pass_gate() {
  if (next_gate_ == options_.gate_at.end() || done_ < *next_gate_) return;
  ++next_gate_;
  output_.line("waiting at the gate with " + format_size(done_) + " touched");
  const std::chrono::nanoseconds before = monotonic_now();
  gate_->pass();
  pacer_->skip(monotonic_now() - before);
}

}  // namespace malloc_demo
