// SPDX-License-Identifier: MIT
#include "lab/app/experiment_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <optional>

#include "lab/base/errors.h"
#include "lab/base/exit_code.h"
#include "lab/command/command.h"
#include "lab/command/oom_options.h"
#include "lab/command/record_outputs.h"
#include "lab/os/find_program.h"
#include "lab/place/environment.h"
#include "lab/place/occupancy.h"
#include "lab/place/swap.h"
#include "lab/repeat/compare_versions.h"
#include "lab/report/console.h"
#include "lab/report/document.h"
#include "lab/report/dry_run.h"
#include "lab/report/live.h"
#include "lab/report/story.h"
#include "lab/run/apply_limits.h"
#include "lab/run/requirements.h"
#include "lab/run/run_steps.h"
#include "lab/run/runner.h"
#include "lab/verdict/analyze.h"

namespace lab {
namespace {

void print_help(const Experiment& experiment) {
  write_stdout(fmt::format(
      "Usage: cglab {0} [OPTION]...\n{1}.\n{2}\n\n{3}\n"
      "SIZE: 104857600, 100M, 100MiB or 1.5G, in powers of 1024. "
      "TIME: 200ms, 3s or 1m.\n"
      "Exit status: 0 expected outcome, 1 another outcome, 2 usage, 3 "
      "failure,\n"
      "4 something is left behind, 77 cannot run here, 124 deadline, 128+N "
      "signal N.\n",
      experiment.name, experiment.summary, experiment.question,
      oom_options_help()));
}

/// Whether a person on this host has to, and can, write a swap limit.
bool swap_is_limited(const Plan& plan, const Placement& placement,
                     const Environment& environment) {
  if (!needs_swap_limit(plan, environment)) return false;
  return accounts_swap(placement);
}

int print_dry_run(const Plan& plan, const Placement& placement,
                  const Environment& environment) {
  const ByHand by_hand{plan, placement, find_program("malloc_demo"),
                       swap_is_limited(plan, placement, environment)};
  write_stdout(dry_run_script(by_hand));
  return exit_expected;
}

/// The report goes to stdout, unless the record does.
void print_report(const RunRecord& record, const OomOptions& options) {
  if (options.verbosity == Verbosity::quiet) return;
  const Terminal terminal(options.outputs.take_stdout() ? stderr : stdout,
                          options.color);
  std::string report = console_report(record, terminal, options.language);
  if (options.explain) {
    report += "\n" + render_text(story(record, options.language), terminal);
  }
  if (options.outputs.take_stdout()) {
    write_stderr(report);
  } else {
    write_stdout(report);
  }
}

RunRecord run_and_judge(const Plan& plan, const Placement& placement,
                        const Environment& environment, const SignalFd& signals,
                        const OomOptions& options) {
  const Terminal progress(stderr, options.color);
  LiveView live(progress, options.verbosity);
  RunRecord record = run(plan, placement, environment, signals, live);
  record.verdict = analyze(record);
  return record;
}

int report_run(const RunRecord& record, const Experiment& experiment,
               const OomOptions& options, RecordOutputs& outputs) {
  const int code = exit_code_of(record, experiment);
  warn_of_left_behind(record);
  try {
    // First the record: a pipe that nobody reads ends the report.
    outputs.write(record);
    print_report(record, options);
  } catch (const std::exception& error) {
    if (code != exit_left_behind) throw;
    write_stderr(fmt::format("cglab: {}\n", error.what()));
  }
  return code;
}

int run_experiment(const Command& self,
                   const std::vector<std::string>& arguments) {
  const Experiment& experiment = *static_cast<const Experiment*>(self.data);
  if (experiment.build) return run_scenario_experiment(experiment, arguments);
  const OomOptions options = parse_oom_options(arguments);
  if (options.help) {
    print_help(experiment);
    return exit_expected;
  }
  if (!options.on.empty()) {
    return compare_versions(
        experiment, arguments,
        {options.on, options.outputs, options.color, options.verbosity});
  }
  const bool course = options.parameters.order == Order::course;
  const Plan plan =
      make_plan(course ? "course" : experiment.name, options.parameters);
  const Placement placement = choose_placement(options.parameters);
  const Environment environment = read_environment(placement);
  check_requirements(plan, placement, environment);
  if (options.dry_run) return print_dry_run(plan, placement, environment);

  RecordOutputs outputs(options.outputs);
  // Until the end: a signal that comes late must not cost a finished run its
  // report.
  const SignalFd signals;
  Occupancy occupancy = Occupancy::take(placement, options.parameters);
  RunRecord record =
      run_and_judge(plan, occupancy.placement(), environment, signals, options);
  record.tool.command_line = command_line(experiment.name, arguments);
  leave_place(occupancy, record);
  return report_run(record, experiment, options, outputs);
}

}  // namespace

int exit_code_of(const RunRecord& record, const Experiment& experiment) {
  const bool asked_to_keep =
      record.plan.keep && !record.cleanup.error.has_value();
  if (!record.cleanup.left.empty() && !asked_to_keep) return exit_left_behind;
  if (record.evidence.interrupted_by)
    return exit_signal_base + *record.evidence.interrupted_by;
  if (record.verdict.status == Status::deadline) return exit_deadline;
  // The hog is the harness' own: nothing was observed without it.
  if (record.verdict.status == Status::child_failed) return exit_failed;
  return record.verdict.status == experiment.expected ? exit_expected
                                                      : exit_other;
}

void add_experiment_commands() {
  for (const Experiment* experiment : all_experiments()) {
    add_command(
        {experiment->name, experiment->summary, run_experiment, experiment});
  }
}

}  // namespace lab
