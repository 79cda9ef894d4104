// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "malloc_demo/allocator.h"
#include "malloc_demo/harness_link.h"
#include "malloc_demo/options.h"
#include "malloc_demo/output.h"
#include "malloc_demo/pacer.h"
#include "malloc_demo/progress.h"

namespace malloc_demo {

/// Allocates the memory of the plan and holds it until the object is destroyed.
/// All arguments must outlive it.
class Hog {
 public:
  /// Touches nothing yet. `gate` may be null.
  Hog(const Options& options, Allocator& allocator, const Gate* gate,
      ProgressPage& progress, const Output& output);

  /// Allocates and touches everything. Throws std::runtime_error when memory is
  /// refused, GateClosed when the gate is closed.
  void run();

 private:
  void take_block(std::uint64_t number, std::size_t size);
  void fill(Block& block);
  std::size_t step_within(std::size_t rest) const noexcept;
  void touch(Block& block, std::size_t offset, std::size_t length);
  void publish() noexcept;
  void pass_gate();
  bool paced() const noexcept;

  const Options& options_;
  Allocator& allocator_;
  const Gate* gate_;
  ProgressPage& progress_;
  const Output& output_;
  std::optional<Pacer> pacer_;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<std::uint64_t>::const_iterator next_gate_;
  std::uint64_t done_ = 0;
};

}  // namespace malloc_demo
