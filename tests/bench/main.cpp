// SPDX-License-Identifier: MIT
#include <benchmark/benchmark.h>

#include <vector>

/// Like BENCHMARK_MAIN, but repetitions are interleaved by default, so that a
/// temporary disturbance of the machine affects both of two that are compared.
int main(int argc, char** argv) {
  char take_turns[] = "--benchmark_enable_random_interleaving=true";
  std::vector<char*> arguments(argv, argv + argc);
  arguments.insert(arguments.begin() + 1, take_turns);
  arguments.push_back(nullptr);
  int count = argc + 1;
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
