// SPDX-License-Identifier: MIT
#include "lab/base/exit_code.h"
#include "lab/bench/bench.h"
#include "lab/bench/progress_view.h"
#include "lab/command/command.h"
#include "lab/command/option_groups.h"
#include "lab/repeat/bench_outputs.h"
#include "lab/repeat/case_options.h"

namespace lab {
namespace {

using Words = std::vector<std::string>;

constexpr std::uint64_t most_runs = 1000000;
constexpr std::uint64_t most_jobs = 256;

OptionList options() {
  OptionList all{sweep_option(),
                 {"warmup", "N", "warm-up runs per case (1)"},
                 {"runs", "N", "runs per case (10)"},
                 {"jobs", "N", "runs at a time (1)"}};
  add(all, bench_output_options());
  add(all, {quiet_option("no progress, no table")});
  add(all, view_options());
  return all;
}

Description describe_bench(const Command&) {
  return {
      .about = {"Repeats an experiment (default: oom), or a command (run), and "
                "reports statistics in milliseconds for the whole program, for "
                "the run (from the gate to the end) and for detection (from "
                "the last touch to the first notification). The table goes to "
                "stdout, or to stderr if stdout is used for another format."},
      .arguments = {"[EXPERIMENT|run]", 1, one_of(case_words())},
      .rest = {.usage = "[-- OPTION-OF-EXPERIMENT...]",
               .completion = {Completion::Kind::options}},
      .options = options(),
      .notes = {sweep_note(),
                "For more than one machine see cglab help sweep."},
      .examples = {"cglab bench -L limit=16M,64M,256M -- --ramp 0",
                   "cglab bench -L mode=max,high --runs 5",
                   "cglab bench leak -L control=on,off -o leak.html",
                   "cglab bench run -L limit=64M,1G -L n=1,4 -- make -j{n}"},
      .exit_statuses = {{"0", "all runs finished"},
                        {"2", "usage error"},
                        {"3", "a run failed"},
                        {"4", "something is left behind"},
                        {"77", "cannot run here"},
                        {"128+N", "ended by signal N"}},
  };
}

BenchPlan read_bench_plan(const CommandLine& line) {
  BenchPlan plan;
  const std::string experiment =
      line.positional.empty() ? "oom" : line.positional.front();
  plan.cases = read_cases(line, experiment, line.rest.value_or(Words()));
  plan.warmup = read_count(line, "warmup", plan.warmup, 0, most_runs);
  plan.runs = read_count(line, "runs", plan.runs, 1, most_runs);
  plan.jobs = read_count(line, "jobs", plan.jobs, 1, most_jobs);
  return plan;
}

int bench(const Command&, const CommandLine& line) {
  const BenchPlan plan = read_bench_plan(line);
  const View view = read_view(line);
  BenchOutputs outputs(line);
  const SignalFd signals;
  BenchOutcome outcome;
  {
    const Terminal terminal(stderr, view.color);
    ProgressView progress(terminal, line.has("quiet"), view.language);
    outcome = run_bench(plan, signals, [&](std::size_t done, std::size_t all) {
      progress.show(done, all);
    });
  }
  outputs.write(outcome, view);
  if (outcome.interrupted_by) return exit_signal_base + *outcome.interrupted_by;
  return exit_expected;
}

const CommandRegistration bench_registration(
    {"bench", "repeat an experiment, with statistics", describe_bench, bench});

}  // namespace
}  // namespace lab
