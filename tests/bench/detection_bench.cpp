// SPDX-License-Identifier: MIT
// The time from the last touch of a hog at its limit until each mechanism
// reports it.
#include <benchmark/benchmark.h>
#include <poll.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "cgroupfs/error.h"
#include "cgroupfs/memory.h"
#include "cgroupfs/oom_watch.h"
#include "lab/base/units.h"
#include "lab/os/child.h"
#include "lab/os/progress.h"
#include "lab/os/timer_fd.h"
#include "lab/place/teardown.h"
#include "lab/run/limits.h"
#include "tests/bench/bench_group.h"

namespace {

using cgroupfs::OomWatch;

constexpr lab::Bytes limit{16 * lab::mebi};
constexpr int timeout_ms = 10000;

/// Waits, and returns the time of detection (CLOCK_MONOTONIC nanoseconds).
using Wait = std::function<std::int64_t(const cgroupfs::Cgroup&, lab::Child&)>;

/// One kill; the wait is called when the hog has been released.
double seconds_to_know(const cgroupfs::Cgroup& group, const Wait& wait) {
  const lab::Progress progress;
  const std::string total = std::to_string(2 * limit.count);
  lab::Child child = lab::Child::spawn(
      {bench::program("malloc_demo", "malloc_demo"),
       {"--quiet", "--total", total, "--block", total, "--ramp", "0",
        "--gate-fd", std::to_string(lab::gate_number), "--progress-fd",
        std::to_string(lab::progress_number)},
       progress.fd()},
      group);
  child.await_start();
  child.open_gate();
  const std::int64_t known = wait(group, child);
  child.reap(std::chrono::seconds(60));
  return static_cast<double>(known - progress.last_touch().value_or(known)) /
         1e9;
}

std::int64_t wait_for(int fd, short events) {
  pollfd entry{fd, events, 0};
  ::poll(&entry, 1, timeout_ms);
  return lab::monotonic_ns();
}

void measure(benchmark::State& state,
             const std::function<Wait(const cgroupfs::Cgroup&)>& prepare) {
  for ([[maybe_unused]] auto _ : state) {
    cgroupfs::Cgroup group = bench::make_group();
    const auto memory = cgroupfs::Memory::open(group);
    lab::write_limit(memory, cgroupfs::File::memory_max,
                     cgroupfs::Limit::of(limit));
    try {
      const Wait wait = prepare(group);
      state.SetIterationTime(seconds_to_know(group, wait));
    } catch (const cgroupfs::NotSupported& error) {
      state.SkipWithError(error.what());
      lab::tear_down(group);
      return;
    }
    lab::tear_down(group);
  }
}

void by_watch(benchmark::State& state) {
  measure(state, [](const cgroupfs::Cgroup& group) -> Wait {
    const auto watch = std::make_shared<OomWatch>(OomWatch::open(group));
    return [watch](const cgroupfs::Cgroup&, lab::Child&) {
      return wait_for(watch->fd(), watch->poll_events());
    };
  });
}

/// Reads the counter repeatedly, `interval` apart.
void by_polling(benchmark::State& state) {
  const std::chrono::milliseconds interval(state.range(0));
  measure(state, [interval](const cgroupfs::Cgroup&) -> Wait {
    return [interval](const cgroupfs::Cgroup& group, lab::Child& child) {
      const auto memory = cgroupfs::Memory::open(group);
      while (memory.oom_kills().value_or(0) == 0 &&
             !child.has_ended(interval)) {
      }
      return lab::monotonic_ns();
    };
  });
}

void by_exit(benchmark::State& state) {
  measure(state, [](const cgroupfs::Cgroup&) -> Wait {
    return [](const cgroupfs::Cgroup&, lab::Child& child) {
      return wait_for(child.pidfd(), POLLIN);
    };
  });
}

void detection_settings(benchmark::internal::Benchmark* bench) {
  bench->Iterations(1)->Repetitions(31)->UseManualTime()->Unit(
      benchmark::kMillisecond);
  bench->ReportAggregatesOnly();
}
BENCHMARK(by_watch)->Apply(detection_settings);
BENCHMARK(by_polling)
    ->ArgName("ms")
    ->Arg(1)
    ->Arg(10)
    ->Apply(detection_settings);
BENCHMARK(by_exit)->Apply(detection_settings);

}  // namespace
