// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <exception>
#include <optional>

#include "lab/app/run_options.h"
#include "lab/base/errors.h"
#include "lab/base/exit_code.h"
#include "lab/command/command.h"
#include "lab/place/environment.h"
#include "lab/place/placement.h"
#include "lab/record/record_file.h"
#include "lab/record/record_json.h"
#include "lab/report/console.h"
#include "lab/report/live.h"
#include "lab/run/run_requirements.h"
#include "lab/run/run_steps.h"
#include "lab/run/tree_runner.h"
#include "lab/verdict/analyze.h"

namespace lab {
namespace {

/// Events alone: the terminal is the command's.
class EventView : public LiveView {
 public:
  using LiveView::LiveView;
  void on_sample(const Samples&) override {}
};

/// Where the command runs, and what is known of the host.
struct Site {
  Placement placement;
  Environment environment;
};

Site find_site(const Plan& plan, const Parameters& asked) {
  Site site{choose_placement(asked), {}};
  site.environment = read_environment(site.placement);
  check_command_requirements(plan, site.placement, site.environment);
  return site;
}

void print_help() {
  write_stdout(fmt::format(
      "Usage: cglab run [OPTION]... -- COMMAND [ARGUMENT]...\n"
      "Runs a command, and all that it starts, in a memory cgroup of its own, "
      "and says\nwhat became of it. Its standard streams are its own; the "
      "report goes to stderr.\n\n{}\n"
      "SIZE: 104857600, 100M, 100MiB or 1.5G, in powers of 1024. "
      "TIME: 200ms, 3s or 1m.\n"
      "Exit status: the command's own, 128+N when it ended by signal N; 2 "
      "usage, 3 failure,\n"
      "4 something is left behind, 77 cannot run here, 124 timeout, 126 "
      "not executable,\n127 not found.\n",
      command_options_help()));
}

/// Of the command, unless this program has killed it.
int status_of(const RunRecord& record) {
  const bool killed_by_us =
      record.evidence.interrupted_by && main_process(record).signal == SIGKILL;
  if (killed_by_us) return exit_signal_base + *record.evidence.interrupted_by;
  if (main_process(record).signal)
    return exit_signal_base + *main_process(record).signal;
  return main_process(record).exit_code.value_or(exit_failed);
}

int exit_code_of(const RunRecord& record) {
  const bool asked_to_keep =
      record.plan.keep && !record.cleanup.error.has_value();
  if (!record.cleanup.left.empty() && !asked_to_keep) return exit_left_behind;
  if (record.evidence.deadline_passed) return exit_deadline;
  return status_of(record);
}

int report_command(const RunRecord& record, const CommandOptions& options,
                   std::optional<RecordFile>& record_file) {
  warn_of_left_behind(record);
  if (options.verbosity != Verbosity::quiet) {
    write_stderr(command_report(record, Terminal(stderr, options.color),
                                options.language));
  }
  if (record_file) record_file->write(to_json(record));
  return exit_code_of(record);
}

int run_and_report(const Plan& plan, const CommandOptions& options,
                   const std::vector<std::string>& arguments) {
  const Site site = find_site(plan, options.parameters);
  std::optional<RecordFile> record_file;
  if (options.json) record_file.emplace(*options.json);
  const SignalFd signals;
  const Terminal terminal(stderr, options.color);
  EventView view(terminal, options.verbosity == Verbosity::verbose
                               ? Verbosity::verbose
                               : Verbosity::quiet);
  Occupancy occupancy = Occupancy::take(site.placement, options.parameters);
  RunRecord record =
      run_command(plan, occupancy.placement(), site.environment, signals, view);
  record.tool.command_line = command_line("run", arguments);
  leave_place(occupancy, record);
  record.verdict = analyze(record);
  return report_command(record, options, record_file);
}

int run(const Command&, const std::vector<std::string>& arguments) {
  const CommandOptions options = parse_command_options(arguments);
  if (options.help) {
    print_help();
    return exit_expected;
  }
  try {
    return run_and_report(
        make_command_plan(options.parameters, options.command), options,
        arguments);
  } catch (const NotExecuted& error) {
    write_stderr(fmt::format("cglab: {}\n", error.what()));
    return error.exit_code();
  }
}

const CommandRegistration registration({"run",
                                        "run any command under a memory limit",
                                        run});

}  // namespace
}  // namespace lab
