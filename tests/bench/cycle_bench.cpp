// SPDX-License-Identifier: MIT
// The overhead of the harness: everything in a run except the work of the hog.
#include <benchmark/benchmark.h>

#include <chrono>
#include <thread>

#include "cgroupfs/memory.h"
#include "lab/base/units.h"
#include "lab/os/child.h"
#include "lab/os/progress.h"
#include "lab/place/teardown.h"
#include "lab/run/limits.h"
#include "lab/run/readings.h"
#include "tests/bench/bench_group.h"

namespace {

using Clock = std::chrono::steady_clock;

/// Create, limit, read back, spawn inside, a child that exits at once, reap,
/// counters, remove.
void run_empty_cycle(const lab::ChildSpec& spec) {
  cgroupfs::Cgroup group = bench::make_group();
  const auto memory = cgroupfs::Memory::open(group);
  lab::write_limit(memory, cgroupfs::File::memory_max,
                   cgroupfs::Limit::of(lab::Bytes{16 * lab::mebi}));
  lab::Child child = lab::Child::spawn(spec, group);
  child.await_start();
  child.reap(std::chrono::seconds(10));
  benchmark::DoNotOptimize(lab::read_counters(memory, true));
  lab::tear_down(group);
}

/// Argument: milliseconds of idle between two runs. A join through cgroup.procs
/// by itself takes 6 ms after 20 ms of idle on cgroup v1.
void empty_cycle(benchmark::State& state) {
  const lab::Progress progress;
  const lab::ChildSpec spec{
      bench::program("tests/bench", "exit_now"), {}, progress.fd()};
  const std::chrono::milliseconds idle(state.range(0));
  for ([[maybe_unused]] auto _ : state) {
    std::this_thread::sleep_for(idle);
    const Clock::time_point begin = Clock::now();
    run_empty_cycle(spec);
    state.SetIterationTime(
        std::chrono::duration<double>(Clock::now() - begin).count());
  }
}

BENCHMARK(empty_cycle)
    ->ArgName("idle_ms")
    ->Arg(0)
    ->Arg(100)
    ->Iterations(40)
    ->Repetitions(3)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->ReportAggregatesOnly();

}  // namespace
