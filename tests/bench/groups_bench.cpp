// SPDX-License-Identifier: MIT
// Create, limit and remove many groups: the cost per group must stay constant.
#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "cgroupfs/memory.h"
#include "lab/base/units.h"
#include "tests/bench/bench_group.h"

namespace {

using cgroupfs::Limit;

void create_limit_remove(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  for ([[maybe_unused]] auto _ : state) {
    std::vector<cgroupfs::Cgroup> groups;
    for (std::size_t i = 0; i < count; ++i) {
      groups.push_back(bench::make_group());
      cgroupfs::Memory::open(groups.back())
          .set(cgroupfs::File::memory_max,
               Limit::of(lab::Bytes{16 * lab::mebi}));
    }
    for (cgroupfs::Cgroup& group : groups) group.remove();
  }
  using Counter = benchmark::Counter;
  state.counters["per_group"] = Counter(
      static_cast<double>(count) * static_cast<double>(state.iterations()),
      Counter::kIsRate | Counter::kInvert);
}
BENCHMARK(create_limit_remove)
    ->ArgName("groups")
    ->Arg(1)
    ->Arg(100)
    ->Arg(1000)
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond)
    ->Repetitions(3)
    ->ReportAggregatesOnly();

/// One round over many groups. `core_at_10Hz` is the share of a core that it
/// needs at ten rounds per second.
void sample_groups(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  std::vector<cgroupfs::Cgroup> groups;
  std::vector<cgroupfs::Memory> controllers;
  for (std::size_t i = 0; i < count; ++i) {
    groups.push_back(bench::make_group());
    controllers.push_back(cgroupfs::Memory::open(groups.back()));
  }
  for ([[maybe_unused]] auto _ : state) {
    for (const auto& memory : controllers) {
      benchmark::DoNotOptimize(memory.usage());
    }
  }
  using Counter = benchmark::Counter;
  state.counters["core_at_10Hz"] =
      Counter(static_cast<double>(state.iterations()) / 10,
              Counter::kIsRate | Counter::kInvert);
  for (cgroupfs::Cgroup& group : groups) group.remove();
}
BENCHMARK(sample_groups)
    ->ArgName("groups")
    ->Arg(1000)
    ->Unit(benchmark::kMicrosecond)
    ->Repetitions(5)
    ->ReportAggregatesOnly();

}  // namespace
