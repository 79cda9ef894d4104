// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <list>

#include "lab/base/exit_code.h"
#include "lab/bench/bench.h"
#include "lab/bench/bench_html.h"
#include "lab/bench/bench_report.h"
#include "lab/bench/progress_view.h"
#include "lab/command/command.h"
#include "lab/command/option_groups.h"
#include "lab/command/render_target.h"
#include "lab/command/run_options.h"
#include "lab/experiments/experiment.h"
#include "lab/record/output_file.h"

namespace lab {
namespace {

using Words = std::vector<std::string>;

constexpr std::uint64_t most_runs = 1000000;
constexpr std::uint64_t most_jobs = 256;

Words bench_formats() {
  Words names = document_formats();
  names.insert(names.end(), {"json", "csv"});
  return names;
}

std::vector<Word> experiments(const std::string& before = "") {
  std::vector<Word> words;
  for (const ExperimentEntry& each : experiment_entries()) {
    words.push_back(
        {before + each.name, std::string(each.summary.text(Language::en))});
  }
  return words;
}

/// Completions of --sweep: a name up to its "=", or with its known values.
std::vector<Word> sweeps() {
  std::vector<Word> words = experiments("experiment=");
  for (const char* const known :
       {"mode=max,high", "control=on,off", "limit=", "swap=", "total=",
        "block=", "ramp=", "poll=", "timeout=", "cgroup=v1,v2"}) {
    words.push_back({known});
  }
  return words;
}

OptionList options() {
  OptionList all{{"sweep,L", "NAME=VALUE,...",
                  "compare values of NAME; may be repeated: all combinations",
                  one_of(sweeps()), /*repeats=*/true},
                 {"warmup", "N", "warm-up runs per case (1)"},
                 {"runs", "N", "runs per case (10)"},
                 {"jobs", "N", "runs at a time (1)"}};
  add(all, render_options(bench_formats()));
  all.back().help = "also write to this file; -: stdout; may be repeated";
  all.back().repeats = true;
  add(all, {quiet_option("no progress, no table")});
  add(all, view_options());
  return all;
}

Description describe_bench(const Command&) {
  return {
      .about = {"Repeats an experiment (default: oom) and reports statistics "
                "in milliseconds for the whole program, for the run (from the "
                "gate to the end) and for detection (from the last touch to "
                "the first notification). The table goes to stdout, or to "
                "stderr if stdout is used for another format."},
      .arguments = {"[EXPERIMENT]", 1, one_of(experiments())},
      .rest = {.usage = "[-- OPTION-OF-EXPERIMENT...]",
               .completion = {Completion::Kind::options}},
      .options = options(),
      .notes = {"NAME: an option of the experiment; experiment; mode: max "
                "(oom) or high (throttle); control: on (--control) or off."},
      .examples = {"cglab bench -L limit=16M,64M,256M -- --ramp 0",
                   "cglab bench -L mode=max,high --runs 5",
                   "cglab bench leak -L control=on,off -o leak.html"},
      .exit_statuses = {{"0", "all runs finished"},
                        {"2", "usage error"},
                        {"3", "a run failed"},
                        {"4", "something is left behind"},
                        {"77", "cannot run here"},
                        {"128+N", "ended by signal N"}},
  };
}

std::size_t count_of(const CommandLine& line, const char* name,
                     std::size_t otherwise, std::uint64_t least,
                     std::uint64_t most) {
  const auto parse = [&](const std::string& text) -> std::size_t {
    return parse_number(text, least, most);
  };
  return value_of(line, name, parse).value_or(otherwise);
}

/// Refuses what a run of the case would refuse, before any has started. Throws
/// UsageError.
void check_arguments(const BenchCase& each) {
  const Experiment& named = experiment_named(each.experiment);
  // Alone: errors are not to be about what bench adds.
  parse_run_options(&named, each.arguments);
  Words words = each.arguments;
  words.insert(words.end(), output_of_runs.begin(), output_of_runs.end());
  const RunOptions options = parse_run_options(&named, words);
  make_plan(options.course_order ? experiment_named("course") : named,
            options.parameters);
}

void check_cases(const std::vector<BenchCase>& cases) {
  for (const BenchCase& each : cases) {
    const auto& known = all_experiments();
    const bool found = std::any_of(known.begin(), known.end(),
                                   [&](const Experiment* experiment) {
                                     return experiment->name == each.experiment;
                                   });
    if (!found) {
      throw UsageError(fmt::format("unknown experiment '{}' (see 'cglab list')",
                                   each.experiment));
    }
    try {
      check_arguments(each);
    } catch (const UsageError& error) {
      throw UsageError(fmt::format("{}: {}", each.label, error.what()));
    }
  }
}

std::string render(const BenchOutcome& outcome, const RenderTarget& target,
                   Language language) {
  if (target.format == "html") return bench_html(outcome, language);
  if (target.format == "json") return bench_json(outcome);
  if (target.format == "csv") return bench_csv(outcome);
  return render_document(bench_document(outcome, language), target,
                         {language, ColorChoice::never});
}

/// The --output files in addition to the table, opened before the first run.
class Exports {
 public:
  /// Throws UsageError and cgroupfs::FileError.
  explicit Exports(const CommandLine& line) {
    std::size_t to_stdout = 0;
    for (RenderTarget& target : read_render_targets(line, bench_formats())) {
      if (target.is_stdout() && ++to_stdout > 1) {
        throw UsageError("only one --output can be -");
      }
      // The table goes there anyway.
      if (target.is_stdout() && target.format == "text") continue;
      takes_stdout_ = takes_stdout_ || target.is_stdout();
      files_.emplace_back(target.file);
      for (const OutputFile& other : files_) {
        if (&other != &files_.back()) files_.back().require_other_file(other);
      }
      targets_.push_back(std::move(target));
    }
  }

  /// Whether one is written to standard output.
  bool takes_stdout() const noexcept { return takes_stdout_; }

  void write(const BenchOutcome& outcome, Language language) {
    auto target = targets_.begin();
    for (OutputFile& file : files_) {
      file.write(render(outcome, *target++, language));
    }
  }

 private:
  std::vector<RenderTarget> targets_;
  std::list<OutputFile> files_;
  bool takes_stdout_ = false;
};

BenchPlan read_bench_plan(const CommandLine& line) {
  BenchPlan plan;
  std::vector<Sweep> sweeps;
  for (const std::string& text : line.all("sweep")) {
    sweeps.push_back(parse_sweep(text));
  }
  const std::string experiment =
      line.positional.empty() ? "oom" : line.positional.front();
  plan.cases = combine(experiment, sweeps, line.rest.value_or(Words()));
  check_cases(plan.cases);
  plan.warmup = count_of(line, "warmup", plan.warmup, 0, most_runs);
  plan.runs = count_of(line, "runs", plan.runs, 1, most_runs);
  plan.jobs = count_of(line, "jobs", plan.jobs, 1, most_jobs);
  return plan;
}

/// To standard error where an export is written to standard output.
void print(const BenchOutcome& outcome, bool output_is_taken,
           const View& view) {
  const Terminal terminal(output_is_taken ? stderr : stdout, view.color);
  const std::string text =
      render_text(bench_document(outcome, view.language), terminal);
  if (output_is_taken) {
    write_stderr(text);
  } else {
    write_stdout(text);
  }
}

int bench(const Command&, const CommandLine& line) {
  const BenchPlan plan = read_bench_plan(line);
  const View view = read_view(line);
  Exports exports(line);
  const SignalFd signals;
  BenchOutcome outcome;
  {
    const Terminal terminal(stderr, view.color);
    ProgressView progress(terminal, line.has("quiet"), view.language);
    outcome = run_bench(plan, signals, [&](std::size_t done, std::size_t all) {
      progress.show(done, all);
    });
  }
  exports.write(outcome, view.language);
  if (!line.has("quiet")) print(outcome, exports.takes_stdout(), view);
  if (outcome.interrupted_by) return exit_signal_base + *outcome.interrupted_by;
  return exit_expected;
}

const CommandRegistration bench_registration(
    {"bench", "repeat an experiment, with statistics", describe_bench, bench});

}  // namespace
}  // namespace lab
