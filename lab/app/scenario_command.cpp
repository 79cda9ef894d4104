// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <exception>
#include <optional>

#include "lab/app/experiment_command.h"
#include "lab/app/scenario_options.h"
#include "lab/base/errors.h"
#include "lab/base/exit_code.h"
#include "lab/command/command.h"
#include "lab/command/record_outputs.h"
#include "lab/place/environment.h"
#include "lab/place/occupancy.h"
#include "lab/repeat/compare_versions.h"
#include "lab/report/console.h"
#include "lab/run/needs.h"
#include "lab/run/run_steps.h"
#include "lab/run/stage.h"
#include "lab/run/zero_page.h"
#include "lab/verdict/analyze.h"
#include "lab/verdict/judge.h"

namespace lab {
namespace {

/// What everything together may need beyond the shares of the limit.
constexpr std::uint64_t beyond_guard = 32 * mebi;

void print_help(const Experiment& experiment) {
  write_stdout(fmt::format(
      "Usage: cglab {0} [OPTION]...\n{1}.\n\nQuestion:   {2}\n"
      "Prediction: {3}\nControl:    {4}\nExists on:  {5}\n\n{6}\n"
      "SIZE: 104857600, 100M, 100MiB or 1.5G, in powers of 1024. "
      "TIME: 200ms, 3s or 1m.\n"
      "Exit status: 0 as predicted, 1 another outcome (so ends --control), 2 "
      "usage,\n"
      "3 failure, 4 something is left behind, 77 cannot run here, 124 "
      "deadline,\n128+N signal N.\n",
      experiment.name, experiment.summary, experiment.question,
      experiment.prediction, experiment.knob, availability(experiment),
      scenario_options_help()));
}

[[noreturn]] void refuse_version(const Experiment& experiment,
                                 const std::string& found) {
  const std::string_view wanted = to_string(*experiment.only);
  const bool v1 = experiment.only == cgroupfs::Version::v1;
  const std::string vm =
      (v1 ? " --cgroup v1" : " --cgroup v2") + machine_needs(experiment);
  throw Unavailable(
      fmt::format("'{}' exists on cgroup {} only ({}); {}", experiment.name,
                  wanted, experiment.only_because, found),
      "", /*vm_helps=*/true, vm);
}

Placement find_place(const Experiment& experiment,
                     const Parameters& parameters) {
  if (experiment.only && parameters.version &&
      *parameters.version != *experiment.only) {
    throw UsageError(fmt::format("'{}' exists on cgroup {} only ({})",
                                 experiment.name, to_string(*experiment.only),
                                 experiment.only_because));
  }
  Placement placement = choose_placement(parameters);
  if (experiment.only && placement.version != *experiment.only) {
    refuse_version(experiment,
                   fmt::format("this host has the memory controller on {}",
                               to_string(placement.version)));
  }
  return placement;
}

void print_report(const RunRecord& record, const ScenarioOptions& options) {
  if (options.verbosity == Verbosity::quiet) return;
  const bool to_stderr = options.outputs.take_stdout();
  const Terminal terminal(to_stderr ? stderr : stdout, options.color);
  const std::string report =
      scenario_report(record, terminal, options.language);
  if (to_stderr) {
    write_stderr(report);
  } else {
    write_stdout(report);
  }
}

int report_run(const RunRecord& record, const Experiment& experiment,
               const ScenarioOptions& options, RecordOutputs& outputs) {
  const int code = exit_code_of(record, experiment);
  warn_of_left_behind(record);
  try {
    outputs.write(record);
    print_report(record, options);
  } catch (const std::exception& error) {
    if (code != exit_left_behind) throw;
    write_stderr(fmt::format("cglab: {}\n", error.what()));
  }
  return code;
}

}  // namespace

int run_scenario_experiment(const Experiment& experiment,
                            const std::vector<std::string>& arguments) {
  const ScenarioOptions options = parse_scenario_options(arguments);
  if (options.help) {
    print_help(experiment);
    return exit_expected;
  }
  if (!options.on.empty()) {
    return compare_versions(
        experiment, arguments,
        {options.on, options.outputs, options.color, options.verbosity});
  }
  const Plan plan = make_scenario_plan(experiment, options.parameters);
  const Placement placement = find_place(experiment, options.parameters);
  const Environment environment = read_environment(placement);
  Scenario scenario = experiment.build(
      {options.control, placement.version, reads_share_a_page()});
  scenario.control = options.control;
  const Bytes guard =
      add_saturated(scenario.guard.of(plan.size()), Bytes{beyond_guard});
  check_needs(experiment.needs, plan, guard, placement, environment);

  RecordOutputs outputs(options.outputs);
  const SignalFd signals;
  Occupancy occupancy = Occupancy::take(placement, options.parameters);
  const Terminal progress(stderr, options.color);
  LiveView live(progress, options.verbosity);
  RunRecord record = run_scenario(scenario, plan, occupancy.placement(),
                                  environment, signals, live);
  record.plan.question = experiment.question;
  record.plan.prediction = experiment.prediction;
  record.plan.cause = experiment.knob;
  record.verdict.claims = judge(scenario.claims, record);
  record.verdict = analyze(record);
  record.tool.command_line = command_line(experiment.name, arguments);
  leave_place(occupancy, record);
  return report_run(record, experiment, options, outputs);
}

}  // namespace lab
