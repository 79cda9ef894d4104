// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cgroupfs/text.h"
#include "lab/bench/bench.h"
#include "lab/command.h"
#include "lab/command_line.h"
#include "lab/exit_code.h"
#include "lab/experiments/experiment.h"
#include "lab/record_file.h"
#include "lab/report/bar.h"
#include "lab/report/bench.h"
#include "lab/timer_fd.h"

namespace lab {
namespace {

namespace po = boost::program_options;
using Words = std::vector<std::string>;

constexpr std::uint64_t most_runs = 1000000;
constexpr std::uint64_t most_jobs = 256;
constexpr std::size_t bar_width = 30;
constexpr std::int64_t plain_interval_ns = 5000000000;

po::options_description description() {
  po::options_description options("Options");
  options.add_options()  //
      ("sweep,L", po::value<Words>()->composing()->value_name("NAME=VALUE,..."),
       "compare values of an option of the experiment; repeated: all "
       "combinations")                                                        //
      ("warmup", text_value("N"), "runs of each that do not count (1)")       //
      ("runs", text_value("N"), "runs of each (10)")                          //
      ("jobs", text_value("N"), "runs at a time (1)")                         //
      ("export-json", text_value("FILE"), "write every measurement as JSON")  //
      ("export-csv", text_value("FILE"), "write a line for each run")         //
      ("export-markdown", text_value("FILE"), "write the table as Markdown")  //
      ("quiet,q", "no progress, no table")                                    //
      ("color", text_value("auto|always|never"), "colours")                   //
      ("help,h", "this text");
  return options;
}

constexpr char help_head[] =
    "Usage: cglab bench [OPTION]... [EXPERIMENT] [-- ITS-OPTION...]\n"
    "Runs an experiment (oom) again and again and tells the statistics: the "
    "whole\nprogram, of it the run from the gate to the end, and from the last "
    "touch to the\nfirst notification, in milliseconds.\n\n";
constexpr char help_tail[] =
    "\nExamples: cglab bench -L limit=16M,64M,256M -- --ramp 0\n"
    "          cglab bench -L mode=max,high --runs 5\n"
    "NAME is an option of the experiment, `experiment`, or `mode`: max (oom) "
    "or\nhigh (throttle).\n"
    "Exit status: 0, 2 usage, 3 a run failed, 4 something is left behind, 77 "
    "cannot\nrun here, 128+N signal N.\n";

std::size_t count_of(const CommandLine& line, const char* name,
                     std::size_t otherwise, std::uint64_t least,
                     std::uint64_t most) {
  const auto parse = [&](const std::string& text) -> std::size_t {
    try {
      const std::uint64_t number = cgroupfs::parse_u64(text);
      if (number >= least && number <= most) return number;
    } catch (const std::exception&) {
    }
    throw UsageError(
        fmt::format("'{}' is no number from {} to {}", text, least, most));
  };
  return value_of(line, name, parse).value_or(otherwise);
}

/// The progress of all runs: a bar with the time that is left, or a plain line
/// now and then.
class ProgressView {
 public:
  ProgressView(const Terminal& terminal, bool quiet)
      : terminal_(terminal), quiet_(quiet), start_ns_(monotonic_ns()) {}
  ~ProgressView() {
    if (shown_) terminal_.write("\r\033[K");
  }

  void show(std::size_t done, std::size_t all) {
    if (quiet_) return;
    const std::int64_t now = monotonic_ns();
    const double share = static_cast<double>(done) / static_cast<double>(all);
    const auto left = static_cast<std::int64_t>(
        static_cast<double>(now - start_ns_) * (1 - share) / share);
    const std::string text = fmt::format("{} of {} runs, {} left", done, all,
                                         human_seconds(nanoseconds(left)));
    if (terminal_.is_live()) {
      terminal_.write(fmt::format(
          "\r\033[K{} {}",
          usage_bar(terminal_, locale_is_utf8(), share, bar_width), text));
      shown_ = true;
    } else if (now - last_ns_ > plain_interval_ns) {
      if (last_ns_ != 0) terminal_.write(fmt::format("cglab: {}\n", text));
      last_ns_ = now;
    }
  }

 private:
  const Terminal& terminal_;
  bool quiet_;
  bool shown_ = false;
  std::int64_t start_ns_;
  std::int64_t last_ns_ = 0;
};

void check_experiments(const std::vector<BenchCase>& cases) {
  for (const BenchCase& each : cases) {
    const auto& known = all_experiments();
    const bool found = std::any_of(known.begin(), known.end(),
                                   [&](const Experiment* experiment) {
                                     return experiment->name == each.experiment;
                                   });
    if (!found) {
      throw UsageError(
          fmt::format("there is no experiment '{}'; cglab list names them",
                      each.experiment));
    }
  }
}

struct Exports {
  explicit Exports(const CommandLine& line) {
    open(line, "export-json", json);
    open(line, "export-csv", csv);
    open(line, "export-markdown", markdown);
  }
  static void open(const CommandLine& line, const char* name,
                   std::optional<RecordFile>& file) {
    if (const auto path = value_of(line, name, parse_text)) file.emplace(*path);
  }
  void write(const BenchOutcome& outcome) {
    if (json) json->write(bench_json(outcome));
    if (csv) csv->write(bench_csv(outcome));
    if (markdown) markdown->write(render_markdown(bench_document(outcome)));
  }

  std::optional<RecordFile> json;
  std::optional<RecordFile> csv;
  std::optional<RecordFile> markdown;
};

BenchPlan read_plan(const CommandLine& line, const Words& of_experiment) {
  BenchPlan plan;
  std::vector<Sweep> sweeps;
  if (line.has("sweep")) {
    for (const std::string& text : line.values["sweep"].as<Words>()) {
      sweeps.push_back(parse_sweep(text));
    }
  }
  const std::string experiment =
      line.positional.empty() ? "oom" : line.positional.front();
  plan.cases = combine(experiment, sweeps, of_experiment);
  check_experiments(plan.cases);
  plan.warmup = count_of(line, "warmup", plan.warmup, 0, most_runs);
  plan.runs = count_of(line, "runs", plan.runs, 1, most_runs);
  plan.jobs = count_of(line, "jobs", plan.jobs, 1, most_jobs);
  return plan;
}

int bench(const Command&, const Words& arguments) {
  const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  const Words own(arguments.begin(), dashes);
  const Words of_experiment(dashes == arguments.end() ? dashes : dashes + 1,
                            arguments.end());
  const CommandLine line = parse_command_line(description(), own, 1);
  if (line.has("help")) {
    write_stdout(help_head + options_text(description()) + help_tail);
    return exit_expected;
  }
  const BenchPlan plan = read_plan(line, of_experiment);
  const ColorChoice color =
      value_of(line, "color", parse_color).value_or(ColorChoice::automatic);
  Exports exports(line);
  const SignalFd signals;
  BenchOutcome outcome;
  {
    const Terminal terminal(stderr, color);
    ProgressView view(terminal, line.has("quiet"));
    outcome = run_bench(plan, signals, [&](std::size_t done, std::size_t all) {
      view.show(done, all);
    });
  }
  exports.write(outcome);
  if (!line.has("quiet")) {
    const Terminal terminal(stdout, color);
    write_stdout(render_text(bench_document(outcome), terminal));
  }
  if (outcome.interrupted_by) return exit_signal_base + *outcome.interrupted_by;
  return exit_expected;
}

const CommandRegistration registration({"bench",
                                        "repeat an experiment, with statistics",
                                        bench});

}  // namespace
}  // namespace lab
