// SPDX-License-Identifier: MIT
// One sample compared with the minimum cost of reading a usage.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <array>

#include "cgroupfs/memory.h"
#include "tests/bench/bench_group.h"

namespace {

void bare_pread(benchmark::State& state) {
  cgroupfs::Cgroup group = bench::make_group();
  const auto memory = cgroupfs::Memory::open(group);
  std::array<char, 64> text;
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(
        ::pread(memory.usage_fd(), text.data(), text.size(), 0));
  }
  group.remove();
}
BENCHMARK(bare_pread)->Repetitions(5)->ReportAggregatesOnly();

void usage_sample(benchmark::State& state) {
  cgroupfs::Cgroup group = bench::make_group();
  const auto memory = cgroupfs::Memory::open(group);
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(memory.usage());
  group.remove();
}
BENCHMARK(usage_sample)->Repetitions(5)->ReportAggregatesOnly();

}  // namespace
