// SPDX-License-Identifier: MIT
// malloc_demo at full speed compared with one plain MADV_POPULATE_WRITE of the
// same size in a cgroup of the same kind.
#include <benchmark/benchmark.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "cgroupfs/memory.h"
#include "lab/base/units.h"
#include "lab/os/child.h"
#include "lab/os/progress.h"
#include "lab/os/timer_fd.h"
#include "lab/place/teardown.h"
#include "tests/bench/bench_group.h"

namespace {

constexpr std::size_t size = 256 * lab::mebi;

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/// A limited group with room for the memory that is filled.
cgroupfs::Cgroup make_roomy_group() {
  cgroupfs::Cgroup group = bench::make_group();
  cgroupfs::Memory::open(group).set(cgroupfs::File::memory_max,
                                    cgroupfs::Limit::of(lab::Bytes{2 * size}));
  return group;
}

/// Nanoseconds of one MADV_POPULATE_WRITE; in a child, which sends them through
/// `report`.
[[noreturn]] void populate_in_child(const cgroupfs::Cgroup& group, int report) {
  group.add(0);
  void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const std::int64_t begin = lab::monotonic_ns();
  const int result = ::madvise(memory, size, MADV_POPULATE_WRITE);
  const std::int64_t time = lab::monotonic_ns() - begin;
  const bool sent = ::write(report, &time, sizeof(time)) == sizeof(time);
  ::_exit(result == 0 && sent ? 0 : 1);
}

void bare_populate(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) {
    cgroupfs::Cgroup group = make_roomy_group();
    int ends[2];
    if (::pipe(ends) != 0) state.SkipWithError("pipe failed");
    const pid_t pid = ::fork();
    if (pid == 0) populate_in_child(group, ends[1]);
    std::int64_t time = 0;
    int status = 0;
    if (::read(ends[0], &time, sizeof(time)) != sizeof(time) ||
        ::waitpid(pid, &status, 0) != pid || status != 0) {
      state.SkipWithError("the child failed");
    }
    ::close(ends[0]);
    ::close(ends[1]);
    state.SetIterationTime(static_cast<double>(time) / 1e9);
    lab::tear_down(group);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(size) * state.iterations());
}

/// From the opening of the gate to its last touch, as it reports.
void malloc_demo(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) {
    cgroupfs::Cgroup group = make_roomy_group();
    const lab::Progress progress;
    const std::string total = std::to_string(size);
    lab::Child child = lab::Child::spawn(
        {bench::program("malloc_demo", "malloc_demo"),
         {"--quiet", "--total", total, "--block", total, "--ramp", "0",
          "--gate-fd", std::to_string(lab::gate_number), "--progress-fd",
          std::to_string(lab::progress_number)},
         progress.fd()},
        group);
    child.await_start();
    const std::int64_t begin = lab::monotonic_ns();
    child.open_gate();
    const auto status = child.reap(std::chrono::seconds(60));
    if (!status || status->exit_code != 0 || !progress.last_touch()) {
      state.SkipWithError("malloc_demo failed");
      break;
    }
    state.SetIterationTime(static_cast<double>(*progress.last_touch() - begin) /
                           1e9);
    lab::tear_down(group);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(size) * state.iterations());
}

void fault_settings(benchmark::internal::Benchmark* bench) {
  bench->Iterations(1)->Repetitions(41)->UseManualTime()->Unit(
      benchmark::kMillisecond);
  bench->ReportAggregatesOnly();
}
BENCHMARK(bare_populate)->Apply(fault_settings);
BENCHMARK(malloc_demo)->Apply(fault_settings);

}  // namespace
