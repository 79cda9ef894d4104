// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <iterator>
#include <optional>

#include "cgroupfs/text.h"
#include "lab/base/exit_code.h"
#include "lab/bench/bench.h"
#include "lab/bench/bench_html.h"
#include "lab/bench/bench_report.h"
#include "lab/bench/progress_view.h"
#include "lab/command/command.h"
#include "lab/command/command_line.h"
#include "lab/experiments/experiment.h"
#include "lab/record/record_file.h"

namespace lab {
namespace {

using Words = std::vector<std::string>;

constexpr std::uint64_t most_runs = 1000000;
constexpr std::uint64_t most_jobs = 256;

OptionList description() {
  return {
      {"sweep,L", "NAME=VALUE,...",
       "compare values of an option of the experiment; repeated: all "
       "combinations",
       /*repeats=*/true},
      {"warmup", "N", "runs of each that do not count (1)"},
      {"runs", "N", "runs of each (10)"},
      {"jobs", "N", "runs at a time (1)"},
      {"export-json", "FILE|-", "write every measurement as JSON; - is stdout"},
      {"export-csv", "FILE|-", "write a line for each run"},
      {"export-markdown", "FILE|-", "write the table as Markdown"},
      {"html", "FILE|-",
       "write a page with every run, which needs nothing else"},
      {"quiet,q", nullptr, "no progress, no table"},
      {"color", "auto|always|never", "colours"},
      {"help,h", nullptr, "this text"},
  };
}

constexpr char help_head[] =
    "Usage: cglab bench [OPTION]... [EXPERIMENT] [-- ITS-OPTION...]\n"
    "Runs an experiment (oom) again and again and tells the statistics: the "
    "whole\nprogram, of it the run from the gate to the end, and from the last "
    "touch to the\nfirst notification, in milliseconds.\n\n";
constexpr char help_tail[] =
    "\nExamples: cglab bench -L limit=16M,64M,256M -- --ramp 0\n"
    "          cglab bench -L mode=max,high --runs 5\n"
    "          cglab bench leak -L control=on,off\n"
    "NAME is an option of the experiment, `experiment`, `mode`: max (oom) or "
    "high\n(throttle), or `control`: on (--control) or off (without).\n"
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

std::string bench_markdown(const BenchOutcome& outcome) {
  return render_markdown(bench_document(outcome));
}

/// What the bench is written to.
class Exports {
 public:
  /// Opens the files. Throws UsageError and cgroupfs::FileError.
  explicit Exports(const CommandLine& line) {
    std::size_t to_stdout = 0;
    for (const Format& format : formats) {
      if (value_of(line, format.option, parse_text) == "-") ++to_stdout;
    }
    if (to_stdout > 1) {
      throw UsageError(
          "only one of --export-json, --export-csv, --export-markdown and "
          "--html can be -");
    }
    takes_stdout_ = to_stdout > 0;
    for (std::size_t i = 0; i < std::size(formats); ++i) {
      const auto path = value_of(line, formats[i].option, parse_text);
      if (path) files_[i].emplace(*path);
      for (std::size_t other = 0; path && other < i; ++other) {
        if (files_[other]) files_[i]->require_other_file(*files_[other]);
      }
    }
  }

  /// Whether one goes to standard output.
  bool takes_stdout() const noexcept { return takes_stdout_; }

  void write(const BenchOutcome& outcome) {
    for (std::size_t i = 0; i < std::size(formats); ++i) {
      if (files_[i]) files_[i]->write(formats[i].render(outcome));
    }
  }

 private:
  struct Format {
    const char* option;
    std::string (*render)(const BenchOutcome&);
  };
  static constexpr Format formats[] = {
      {"export-json", bench_json},
      {"export-csv", bench_csv},
      {"export-markdown", bench_markdown},
      {"html", bench_html},
  };

  std::array<std::optional<RecordFile>, std::size(formats)> files_;
  bool takes_stdout_ = false;
};

BenchPlan read_plan(const CommandLine& line, const Words& of_experiment) {
  BenchPlan plan;
  std::vector<Sweep> sweeps;
  for (const std::string& text : line.all("sweep")) {
    sweeps.push_back(parse_sweep(text));
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

/// On standard error where an export has the output.
void print(const BenchOutcome& outcome, bool output_is_taken,
           ColorChoice color) {
  const Terminal terminal(output_is_taken ? stderr : stdout, color);
  const std::string text = render_text(bench_document(outcome), terminal);
  if (output_is_taken) {
    write_stderr(text);
  } else {
    write_stdout(text);
  }
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
  if (!line.has("quiet")) print(outcome, exports.takes_stdout(), color);
  if (outcome.interrupted_by) return exit_signal_base + *outcome.interrupted_by;
  return exit_expected;
}

const CommandRegistration registration({"bench",
                                        "repeat an experiment, with statistics",
                                        bench});

}  // namespace
}  // namespace lab
