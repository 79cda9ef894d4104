// SPDX-License-Identifier: MIT
#include "lab/bench/bench.h"

#include "lab/base/errors.h"
#include "lab/base/exit_code.h"
#include "lab/record/record_reader.h"
#include "lab/repeat/rounds.h"

namespace lab {
namespace {

[[noreturn]] void throw_failure(const BenchCase& of, const EndedRun& run) {
  const std::string text = failure_text(of, run);
  if (run.status == exit_unavailable) throw Unavailable(text, "", false);
  if (run.status == exit_usage) throw UsageError(text);
  throw RunError(text);
}

}  // namespace

BenchOutcome run_bench(const BenchPlan& plan, const SignalFd& signals,
                       const BenchProgress& progress) {
  BenchOutcome outcome;
  for (const BenchCase& each : plan.cases) {
    outcome.results.push_back({each, {}, {}, {}, {}});
  }
  const std::size_t rounds = plan.warmup + plan.runs;
  outcome.planned = rounds * plan.cases.size();
  outcome.interrupted_by = run_rounds(
      {plan.cases, rounds, plan.jobs, /*in_vm=*/false, plan.program}, signals,
      [&](const EndedRun& run) {
        BenchResult& result = outcome.results[run.of];
        if (is_failure(result.of, run)) throw_failure(result.of, run);
        if (run.round >= plan.warmup) {
          add_run(result, parse_record(run.record, "the record of a run"),
                  run.wall_ns);
        }
        progress(++outcome.done, outcome.planned);
      });
  return outcome;
}

}  // namespace lab
