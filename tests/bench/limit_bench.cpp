// SPDX-License-Identifier: MIT
// A limit that is written repeatedly, while nothing runs and while a process
// inside allocates and frees memory.
#include <benchmark/benchmark.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "cgroupfs/memory.h"
#include "lab/base/units.h"
#include "lab/place/teardown.h"
#include "tests/bench/bench_group.h"

namespace {

using cgroupfs::Limit;

constexpr lab::Bytes low{96 * lab::mebi};
constexpr lab::Bytes high{128 * lab::mebi};
constexpr std::size_t working_set = 16 * lab::mebi;

/// Faults its working set in and frees it, until it is killed.
[[noreturn]] void churn(const cgroupfs::Cgroup& group) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  group.add(0);
  for (;;) {
    void* const memory =
        ::mmap(nullptr, working_set, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED) ::_exit(1);
    ::munmap(memory, working_set);
  }
}

void rewrite_limit(benchmark::State& state, bool loaded) {
  cgroupfs::Cgroup group = bench::make_group();
  const auto memory = cgroupfs::Memory::open(group);
  memory.set(cgroupfs::File::memory_max, Limit::of(high));
  const pid_t pid = loaded ? ::fork() : -1;
  if (pid == 0) churn(group);
  while (loaded && memory.usage().count < working_set / 2) ::usleep(1000);
  bool up = false;
  for ([[maybe_unused]] auto _ : state) {
    memory.set(cgroupfs::File::memory_max, Limit::of(up ? high : low));
    up = !up;
  }
  if (pid > 0) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  lab::tear_down(group);
}
BENCHMARK_CAPTURE(rewrite_limit, idle, false)
    ->UseRealTime()
    ->Repetitions(5)
    ->ReportAggregatesOnly();
BENCHMARK_CAPTURE(rewrite_limit, under_load, true)
    ->UseRealTime()
    ->Repetitions(5)
    ->ReportAggregatesOnly();

}  // namespace
