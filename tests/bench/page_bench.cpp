// SPDX-License-Identifier: MIT
// Fault-in speed by kind of page, and by the number of charged cgroups.
#include <benchmark/benchmark.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "cgroupfs/memory.h"
#include "lab/base/units.h"
#include "lab/os/timer_fd.h"
#include "lab/place/teardown.h"
#include "tests/bench/bench_group.h"

namespace {

constexpr std::size_t mapping_size = 256 * lab::mebi;

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

enum class Pages { small, huge, shmem };

/// A limited group with `depth - 1` descendants; the last is the leaf.
std::vector<cgroupfs::Cgroup> make_chain(std::size_t depth) {
  std::vector<cgroupfs::Cgroup> chain;
  chain.push_back(bench::make_group());
  cgroupfs::Memory::open(chain.back())
      .set(cgroupfs::File::memory_max,
           cgroupfs::Limit::of(lab::Bytes{2 * mapping_size}));
  while (chain.size() < depth) {
    const cgroupfs::Cgroup& above = chain.back();
    above.enable_for_children("memory");
    chain.push_back(
        cgroupfs::Cgroup::create(above.directory(), "below", above.version()));
  }
  return chain;
}

void* map(Pages pages) {
  const int kind = pages == Pages::shmem ? MAP_SHARED : MAP_PRIVATE;
  void* const memory = ::mmap(nullptr, mapping_size, PROT_READ | PROT_WRITE,
                              kind | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  if (pages == Pages::small) ::madvise(memory, mapping_size, MADV_NOHUGEPAGE);
  if (pages == Pages::huge &&
      ::madvise(memory, mapping_size, MADV_HUGEPAGE) != 0) {
    return nullptr;
  }
  return memory;
}

/// Sends the nanoseconds of one populate through `report`.
[[noreturn]] void fault_in_child(const cgroupfs::Cgroup& leaf, Pages pages,
                                 int report) {
  leaf.add(0);
  void* const memory = map(pages);
  if (!memory) ::_exit(1);
  const std::int64_t begin = lab::monotonic_ns();
  const int result = ::madvise(memory, mapping_size, MADV_POPULATE_WRITE);
  const std::int64_t time = lab::monotonic_ns() - begin;
  const bool sent = ::write(report, &time, sizeof(time)) == sizeof(time);
  ::_exit(result == 0 && sent ? 0 : 1);
}

/// Nanoseconds; 0 when the child failed.
std::int64_t fault_in_once(const cgroupfs::Cgroup& leaf, Pages pages) {
  int ends[2];
  if (::pipe(ends) != 0) return 0;
  const pid_t pid = ::fork();
  if (pid == 0) fault_in_child(leaf, pages, ends[1]);
  ::close(ends[1]);
  std::int64_t time = 0;
  int status = 0;
  const bool heard = ::read(ends[0], &time, sizeof(time)) == sizeof(time);
  ::close(ends[0]);
  const bool ended = ::waitpid(pid, &status, 0) == pid && status == 0;
  return heard && ended ? time : 0;
}

void fault_in(benchmark::State& state, Pages pages) {
  for ([[maybe_unused]] auto _ : state) {
    auto chain = make_chain(static_cast<std::size_t>(state.range(0)));
    const std::int64_t time = fault_in_once(chain.back(), pages);
    if (time == 0) state.SkipWithError("the child could not fault it in");
    state.SetIterationTime(static_cast<double>(time) / 1e9);
    lab::tear_down(chain.front());
    for (cgroupfs::Cgroup& group : chain) group.disown();
    if (time == 0) return;
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(mapping_size) *
                          state.iterations());
}

void page_settings(benchmark::internal::Benchmark* bench) {
  bench->ArgName("depth")->Iterations(1)->Repetitions(21)->UseManualTime();
  bench->Unit(benchmark::kMillisecond)->ReportAggregatesOnly();
}
BENCHMARK_CAPTURE(fault_in, small, Pages::small)
    ->Arg(1)
    ->Arg(3)
    ->Arg(10)
    ->Apply(page_settings);
BENCHMARK_CAPTURE(fault_in, huge, Pages::huge)->Arg(1)->Apply(page_settings);
BENCHMARK_CAPTURE(fault_in, shmem, Pages::shmem)->Arg(1)->Apply(page_settings);

}  // namespace
