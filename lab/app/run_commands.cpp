// SPDX-License-Identifier: MIT
#include "lab/app/run_commands.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <exception>

#include "lab/base/errors.h"
#include "lab/base/exit_code.h"
#include "lab/base/visible.h"
#include "lab/command/command.h"
#include "lab/command/run_options.h"
#include "lab/experiments/experiment.h"
#include "lab/os/find_program.h"
#include "lab/place/environment.h"
#include "lab/place/occupancy.h"
#include "lab/place/swap.h"
#include "lab/repeat/compare_versions.h"
#include "lab/report/document.h"
#include "lab/report/dry_run.h"
#include "lab/report/fact_words.h"
#include "lab/report/run_document.h"
#include "lab/report/story.h"
#include "lab/run/engine.h"
#include "lab/run/pids_limit.h"
#include "lab/run/requirements.h"
#include "lab/run/run_process.h"
#include "lab/run/scratch.h"
#include "lab/run/zero_page.h"
#include "lab/verdict/analyze.h"
#include "lab/verdict/as_expected.h"
#include "lab/verdict/judge.h"

namespace lab {
namespace {

using Words = std::vector<std::string>;

std::vector<ExitMeaning> statuses(std::vector<ExitMeaning> first,
                                  std::vector<ExitMeaning> last) {
  const std::vector<ExitMeaning> of_all{{"2", "usage error"},
                                        {"3", "failure"},
                                        {"4", "something is left behind"},
                                        {"77", "cannot run here"},
                                        {"124", "timeout"}};
  first.insert(first.end(), of_all.begin(), of_all.end());
  first.insert(first.end(), last.begin(), last.end());
  return first;
}

Description describe_experiment(const Command& self) {
  const Experiment& experiment = experiment_named(self.name);
  Description description = describe_run(&experiment);
  description.about = {
      fmt::format("{}.", experiment.summary.text(Language::en))};
  description.rows = {
      {"Question", std::string(experiment.question.text(Language::en))},
      {"Prediction", std::string(experiment.prediction.text(Language::en))},
      {"Control", std::string(experiment.control_run.text(Language::en))},
      {"Exists on", availability(experiment)}};
  description.exit_statuses = statuses(
      {{"0", "as expected (also for a control run)"}, {"1", "another outcome"}},
      {{"128+N", "ended by signal N"}});
  return description;
}

Description describe_command(const Command&) {
  Description description = describe_run(nullptr);
  description.about = {
      "Runs a command, and all that it starts, in a memory cgroup of its own, "
      "and reports how it ended. Its standard streams are its own; the report "
      "goes to stderr."};
  description.exit_statuses =
      statuses({}, {{"126", "the command is not executable"},
                    {"127", "the command is not found"},
                    {"other", "the command's own; 128+N: signal N ended it"}});
  return description;
}

[[noreturn]] void refuse_version(const Experiment& experiment,
                                 const Placement& placement) {
  const std::string_view wanted = to_string(*experiment.only);
  throw Unavailable(
      fmt::format("'{}' exists only on cgroup {} ({}); this host has the "
                  "memory controller on {}",
                  experiment.name, wanted,
                  experiment.only_because.text(Language::en),
                  to_string(placement.version)),
      "", /*vm_helps=*/true,
      fmt::format(" --cgroup {}{}", wanted, machine_needs(experiment)));
}

/// Where the run is made, and what is known of the host.
struct Site {
  Placement placement;
  Environment environment;
};

Site look_at_site(const Parameters& asked) {
  Site site{choose_placement(asked), {}};
  site.environment = read_environment(site.placement);
  return site;
}

Site find_site(const Experiment* experiment, const Parameters& asked) {
  Site site = look_at_site(asked);
  if (experiment && site.placement.version !=
                        experiment->only.value_or(site.placement.version)) {
    refuse_version(*experiment, site.placement);
  }
  return site;
}

/// The plan as it is carried out at `site`, checked there.
void settle(Plan& plan, const Experiment* experiment, const Site& site) {
  const bool probe = asks_for_zero_page(plan.procedure);
  fit(plan,
      {plan.control, site.placement.version, !probe || reads_share_a_page()});
  check_requirements(
      plan, experiment ? experiment->requirements : std::vector<HostFeature>(),
      site.placement, site.environment);
}

int print_dry_run(const Plan& plan, const Site& site, Language language) {
  ByHand by_hand{plan,
                 site.placement,
                 site.environment,
                 language,
                 find_program("malloc_demo"),
                 accounts_swap(site.placement)};
  by_hand.disk = ScratchFile::place_on_disk();
  if (limits_tasks(plan.procedure)) {
    by_hand.pids_parent = PidsLimit::parent_beside(site.placement);
  }
  write_stdout(dry_run_script(by_hand));
  return exit_expected;
}

/// Events alone where the terminal is the command's, and what it waits for.
class CommandView : public LiveView {
 public:
  CommandView(const Terminal& terminal, Verbosity verbosity, Language language)
      : LiveView(terminal,
                 verbosity == Verbosity::verbose ? Verbosity::verbose
                                                 : Verbosity::quiet,
                 language),
        silent_(verbosity == Verbosity::quiet) {}

  void on_sample(const Samples&) override {}
  void on_waiting(const Waiting& waiting) override {
    if (!silent_) say_waiting(waiting);
  }

 private:
  bool silent_;
};

RunRecord make_run(const Plan& plan, const Placement& placement,
                   const Site& site, const SignalFd& signals,
                   const RunOptions& options) {
  const Terminal progress(stderr, options.color);
  LiveView live(progress, options.verbosity, options.language);
  CommandView events(progress, options.verbosity, options.language);
  Observer& observer = is_command(plan) ? events : live;
  const OutputNames& outputs = options.outputs;
  const bool is_shown = options.verbosity != Verbosity::quiet || outputs.json ||
                        outputs.html || outputs.csv;
  RunRecord record = run(plan, placement, site.environment, signals, observer,
                         is_shown ? Detail::record : Detail::verdict);
  record.verdict.claims = judge(plan.procedure.claims, record);
  record.verdict = analyze(record);
  return record;
}

void leave_place(Occupancy& occupancy, RunRecord& record) {
  try {
    occupancy.leave();
  } catch (const std::exception& error) {
    note_left_behind(
        record.cleanup,
        fmt::format("{}/{}", occupancy.placement().parent, leaf_name),
        error.what());
  }
}

/// Of the command, unless this program has killed it.
int status_of_command(const RunRecord& record) {
  const ProcessRecord& command = main_process(record);
  const auto& interrupted_by = record.evidence.interrupted_by;
  if (interrupted_by && command.signal == SIGKILL) {
    return exit_signal_base + *interrupted_by;
  }
  if (command.signal) return exit_signal_base + *command.signal;
  return command.exit_code.value_or(exit_failed);
}

/// Of a command that has ended by itself, before the deadline.
bool has_status_of_its_own(const RunRecord& record) {
  const ProcessRecord& command = main_process(record);
  return is_command(record.plan) && !command.ended_by_cglab &&
         !record.evidence.deadline_passed && !record.evidence.interrupted_by &&
         (command.exit_code || command.signal);
}

/// Where everything was removed.
int outcome_of(const RunRecord& record, const Experiment* experiment) {
  if (!experiment) {
    return record.evidence.deadline_passed ? exit_deadline
                                           : status_of_command(record);
  }
  if (record.evidence.interrupted_by) {
    return exit_signal_base + *record.evidence.interrupted_by;
  }
  if (record.verdict.status == Status::deadline) return exit_deadline;
  // The hog is the harness' own: nothing was observed without it.
  if (record.verdict.status == Status::child_failed) return exit_failed;
  return is_as_expected(record) ? exit_expected : exit_other;
}

std::string report_of(const std::vector<RunRecord>& records,
                      const RunOptions& options, const Terminal& terminal) {
  const Length length = options.brief ? Length::brief : Length::terminal;
  std::string text =
      text_report(records.front(), terminal, options.language, length);
  if (options.explain) {
    text +=
        "\n" + render_text(story(records.front(), options.language), terminal);
  }
  if (records.size() == 1) return text;
  const std::string control =
      text_report(records.back(), terminal, options.language, length);
  if (options.brief) return text + control;
  return text + "\n" + control + "\n" +
         render_text(
             comparison_document(run_and_control(records, options.language),
                                 options.language),
             terminal);
}

/// A failure of the harness is said also where no report was asked for.
void report_failure(const RunRecord& record) {
  if (record.verdict.status != Status::child_failed) return;
  write_stderr(fmt::format(
      "cglab: {}\n{}",
      plain_text(say(Language::en, record.verdict.reason), std::string::npos),
      visible(main_process(record).output.value_or(""))));
}

/// The report goes to stdout, unless the record, or the command, has that.
void print_report(const std::vector<RunRecord>& records,
                  const RunOptions& options) {
  if (options.verbosity == Verbosity::quiet) {
    for (const RunRecord& record : records) report_failure(record);
    return;
  }
  const bool to_stderr =
      options.outputs.take_stdout() || is_command(records.front().plan);
  const Terminal terminal(to_stderr ? stderr : stdout, options.color);
  const std::string text = report_of(records, options, terminal);
  if (to_stderr) {
    write_stderr(text);
  } else {
    write_stdout(text);
  }
}

/// Of a command its own status counts, and not that of its control run; of an
/// experiment the first that is more than another outcome.
int outcome_of_all(const std::vector<RunRecord>& records,
                   const Experiment* experiment) {
  int code = outcome_of(records.front(), experiment);
  if (!experiment) return code;
  for (const RunRecord& record : records) {
    if (code != exit_expected && code != exit_other) break;
    code = std::max(code, outcome_of(record, experiment));
  }
  return code;
}

/// `failure` is why the second run could not be made. What is left behind is
/// the exit status whatever else fails, but for a command that has one.
int report(const std::vector<RunRecord>& records,
           const std::exception_ptr& failure, const Experiment* experiment,
           const RunOptions& options, RecordOutputs& outputs) {
  for (const RunRecord& record : records) warn_of_left_behind(record);
  const bool left = std::any_of(records.begin(), records.end(), left_something);
  try {
    // First the records: a pipe that nobody reads ends the report.
    outputs.write(records, options.language);
    print_report(records, options);
    if (failure) std::rethrow_exception(failure);
  } catch (const Interrupted&) {
    // Nobody takes the report, and the run is over.
    if (!left) throw;
  } catch (const std::exception& error) {
    if (!left) throw;
    write_stderr(fmt::format("cglab: {}\n", visible(error.what())));
  }
  const bool counts = left && !has_status_of_its_own(records.front());
  return counts ? exit_left_behind : outcome_of_all(records, experiment);
}

/// All runs that were asked for, in their numbers alone, so that what is wrong
/// with those is said first: one, or it and its control run.
std::vector<Plan> plans_of(const Experiment* experiment,
                           const RunOptions& options) {
  std::vector<Plan> plans;
  Parameters asked = options.parameters;
  for (int i = 0; i <= (options.with_control ? 1 : 0); ++i) {
    asked.control = asked.control || i == 1;
    plans.push_back(experiment ? make_plan(*experiment, asked)
                               : make_command_plan(asked));
  }
  return plans;
}

int make_runs(const Experiment* experiment, const RunOptions& options,
              const Words& command_line) {
  std::vector<Plan> plans = plans_of(experiment, options);
  // Before the first file is opened.
  if (const auto few = forbidden_by_open_files(least_files_of_run)) throw *few;
  const Site site = find_site(experiment, options.parameters);
  for (Plan& plan : plans) settle(plan, experiment, site);
  if (options.dry_run) {
    return print_dry_run(plans.front(), site, options.language);
  }

  RecordOutputs outputs(options.outputs, plans.size());
  // Until the end: a signal that comes late must not cost a finished run its
  // report.
  const SignalFd signals;
  Occupancy occupancy = Occupancy::take(site.placement, options.parameters);
  std::vector<RunRecord> records;
  std::exception_ptr failure;
  for (const Plan& plan : plans) {
    // Also one that was meant for the command, or came with its end.
    const bool interrupted =
        !records.empty() && records.back().evidence.interrupted_by;
    if (interrupted || end_signal_taken()) {
      write_stderr("cglab: a signal came: the control run is left out\n");
      break;
    }
    try {
      records.push_back(
          make_run(plan, occupancy.placement(), site, signals, options));
    } catch (const std::exception&) {
      if (records.empty()) throw;
      // The run itself is complete.
      failure = std::current_exception();
      break;
    }
    records.back().tool.command_line = command_line;
  }
  leave_place(occupancy, records.back());
  return report(records, failure, experiment, options, outputs);
}

int run_experiment(const Command& self, const CommandLine& line) {
  const Experiment* experiment = &experiment_named(self.name);
  const RunOptions options = read_run_options(experiment, line);
  if (options.course_order) experiment = &experiment_named("course");
  if (!options.on.empty()) {
    return compare_versions(*experiment, line.typed,
                            {options.on, options.outputs, options.color,
                             options.verbosity, options.language});
  }
  return make_runs(experiment, options, command_line(self.name, line.typed));
}

int run_command(const Command& self, const CommandLine& line) {
  const RunOptions options = read_run_options(nullptr, line);
  try {
    return make_runs(nullptr, options, command_line(self.name, line.typed));
  } catch (const NotExecuted& error) {
    write_stderr(fmt::format("cglab: {}\n", visible(error.what())));
    return error.exit_code();
  }
}

}  // namespace

std::optional<std::string> missing_here(const Experiment& experiment,
                                        Language language) try {
  const Site site = look_at_site(Parameters());
  if (experiment.only.value_or(site.placement.version) !=
      site.placement.version) {
    return fmt::format("cgroup {} ({})", to_string(*experiment.only),
                       experiment.only_because.text(language));
  }
  Plan plan = make_plan(experiment, Parameters());
  settle(plan, &experiment, site);
  return std::nullopt;
} catch (const std::exception& error) {
  return error.what();
}

void add_run_commands() {
  for (const ExperimentEntry& entry : experiment_entries()) {
    add_command({entry.name, std::string(entry.summary.text(Language::en)),
                 describe_experiment, run_experiment,
                 Command::Kind::experiment});
  }
  add_command({"run", "run any command under a memory limit", describe_command,
               run_command});
}

}  // namespace lab
