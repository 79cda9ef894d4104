// SPDX-License-Identifier: MIT
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "lab/base/errors.h"
#include "lab/base/exit_code.h"
#include "lab/base/nearest.h"
#include "lab/base/visible.h"
#include "lab/command/command.h"
#include "lab/command/option_groups.h"
#include "lab/record/output_file.h"
#include "lab/repeat/bench_outputs.h"
#include "lab/repeat/case_options.h"
#include "lab/report/terminal.h"
#include "lab/sweep/cell_result.h"
#include "lab/sweep/merge.h"
#include "lab/sweep/plan_file.h"

namespace lab {
namespace {

using Words = std::vector<std::string>;

constexpr std::uint64_t most_cells = 1'000'000;
constexpr std::string_view plan_ending = ".jsonl";
constexpr std::string_view results_ending = ".results";
/// With its folders of results.
constexpr std::size_t most_arguments = 10'000;

/// Which of its options an action has.
struct Action {
  const char* name;
  const char* summary;
  Words options;
  int (*run)(const CommandLine& line);
};

bool remove_ending(std::string& text, std::string_view ending) {
  if (!text.ends_with(ending)) return false;
  text.erase(text.size() - ending.size());
  return true;
}

/// "cells.jsonl" has its results in "cells.results".
std::string results_of(std::string plan) {
  remove_ending(plan, plan_ending);
  return plan.append(results_ending);
}

std::string plan_of(std::string results) {
  while (results.size() > 1 && results.ends_with('/')) results.pop_back();
  if (!remove_ending(results, results_ending)) {
    throw UsageError(fmt::format(
        "sweep merge: cannot derive the name of the plan from {}, which does "
        "not end in .results; give it with --plan FILE",
        results));
  }
  // A plan may have any name.
  return std::filesystem::exists(results) ? results
                                          : results.append(plan_ending);
}

/// Throws UsageError where an output would replace a result.
void check_outputs(const CommandLine& line, const Words& folders) {
  for (const std::string& file : line.all("output")) {
    const std::filesystem::path path = file;
    const std::filesystem::path parent =
        path.has_parent_path() ? path.parent_path() : ".";
    for (const std::string& folder : folders) {
      std::error_code error;
      if (std::filesystem::equivalent(parent, folder, error)) {
        throw UsageError(fmt::format(
            "--output: {} would lie among the results; choose another folder",
            file));
      }
    }
  }
}

int plan_cells(const CommandLine& line) {
  const Words words = line.rest.value_or(Words());
  if (line.positional.size() > 1) {
    throw UsageError(fmt::format(
        "unexpected argument '{0}'; put the experiment after --, for example: "
        "cglab sweep plan -L limit=16M,64M -- {0}",
        line.positional[1]));
  }
  if (words.empty()) {
    throw UsageError(
        "sweep plan: no experiment; put it after --, for example: cglab sweep "
        "plan -L limit=16M,64M -- oom --ramp 0");
  }
  const auto cases =
      read_cases(line, words.front(), {words.begin() + 1, words.end()});
  const std::size_t repeat = read_count(line, "repeat", 1, 1, most_cells);
  if (repeat > most_cells / cases.size()) {
    throw UsageError(
        fmt::format("sweep plan: {} cases repeated {} times are "
                    "more than {} cells",
                    cases.size(), repeat, most_cells));
  }
  OutputFile file(value_of(line, "output", parse_text).value_or("-"));
  std::string text;
  // The cases are interleaved, as those of `bench` are.
  for (std::size_t i = 1; i <= repeat; ++i) {
    for (const BenchCase& each : cases) text += line_of(make_cell(each, i));
  }
  file.write(text);
  return exit_expected;
}

std::vector<Cell> cells_asked_for(const PlanFile& plan,
                                  const CommandLine& line) {
  const bool has_id = line.positional.size() > 2;
  if (has_id == line.has("index")) {
    throw UsageError("sweep run: give either the ID of a cell or --index N");
  }
  if (has_id) return {plan.with_id(line.positional[2])};
  const std::string text = line.values.at("index").front();
  const std::size_t dash = text.find('-');
  const auto number = [](const std::string& part) {
    return parse_number(part, 1, most_cells);
  };
  return *value_of(line, "index", [&](const std::string&) {
    const std::size_t first = number(text.substr(0, dash));
    const std::size_t last =
        dash == text.npos ? first : number(text.substr(dash + 1));
    if (last < first) {
      throw UsageError(fmt::format("invalid range '{}' (use N or N-M)", text));
    }
    return plan.between(first, last);
  });
}

/// Runs cells one after the other and stores their results.
class CellRuns {
 public:
  CellRuns(const CommandLine& line, const std::string& plan)
      : folder_(
            value_of(line, "results", parse_text).value_or(results_of(plan)),
            /*may_create=*/true),
        in_vm_(line.has("vm")),
        retries_(line.has("retry")),
        is_quiet_(line.has("quiet")) {}

  /// Returns the number of the signal that ended it.
  std::optional<int> run(const Cell& cell, const SignalFd& signals) {
    // Thousands of cells may have results.
    if (has_result(cell)) return signals.take();
    return run_rounds({{cell.of}, 1, 1, in_vm_}, signals,
                      [&](const EndedRun& ended) { store(cell, ended); });
  }

  /// The exit status after all of them.
  int code() const noexcept { return code_; }

 private:
  bool has_result(const Cell& cell) const {
    try {
      const auto result = folder_.find(cell);
      if (!result || (result->error && may_repeat(*result))) return false;
      say(cell, result->error
                    ? "has failed before; --retry repeats it"
                    : fmt::format("has a result: {}", folder_.path_of(cell)));
      return true;
    } catch (const DamagedResult& error) {
      say(cell, fmt::format("is repeated: {}", error.what()));
      return false;
    }
  }

  /// Another host may be able to run what this one was not.
  bool may_repeat(const CellResult& failed) const {
    return retries_ || failed.status == exit_unavailable;
  }

  /// Not of a run that was interrupted: the cell is to be repeated.
  void store(const Cell& cell, const EndedRun& ended) {
    if (ended.interrupted_by) {
      say(cell,
          fmt::format("interrupted by {}", signal_name(*ended.interrupted_by)));
      throw Interrupted{*ended.interrupted_by};
    }
    folder_.write(cell, ended, in_vm_);
    note_failure(cell, ended);
    const std::string where = folder_.path_of(cell);
    say(cell, is_failure(cell.of, ended)
                  ? fmt::format("failed, recorded in {}: {}", where,
                                failure_text(cell.of, ended))
                  : fmt::format("result in {}", where));
  }

  /// What the scheduler has to know of a run that failed.
  void note_failure(const Cell& cell, const EndedRun& ended) {
    if (!is_failure(cell.of, ended)) return;
    if (ended.status > exit_signal_base) {
      say(cell, "was killed and could not remove its cgroup: run cglab clean");
      code_ = exit_left_behind;
    } else if (ended.status == exit_unavailable && code_ == exit_expected) {
      code_ = exit_unavailable;
    }
  }

  void say(const Cell& cell, const std::string& text) const {
    if (is_quiet_) return;
    std::string line = fmt::format("cglab: {} (repetition {}): {}",
                                   cell.of.label, cell.repetition, text);
    while (line.ends_with('\n')) line.pop_back();
    write_stderr(visible(line) + "\n");
  }

  ResultsFolder folder_;
  bool in_vm_;
  bool retries_;
  bool is_quiet_;
  int code_ = exit_expected;
};

int run_cells(const CommandLine& line) {
  if (line.positional.size() < 2) {
    throw UsageError("sweep run: no plan; give the file that sweep plan wrote");
  }
  const PlanFile plan(line.positional[1]);
  const std::vector<Cell> cells = cells_asked_for(plan, line);
  if (line.positional.size() > 3) {
    throw UsageError(
        fmt::format("unexpected argument '{}'", line.positional[3]));
  }
  if (line.has("vm")) {
    for (const Cell& cell : cells) vm_options_of(cell.of);
  }
  CellRuns runs(line, plan.path());
  const SignalFd signals;
  for (const Cell& cell : cells) {
    if (const auto signal = runs.run(cell, signals)) {
      return exit_signal_base + *signal;
    }
  }
  return runs.code();
}

/// Of a cell: "done", "failed", or "missing", also where the result is damaged.
const char* state_of(const std::optional<ResultsFolder>& folder,
                     const Cell& cell) {
  if (!folder) return "missing";
  try {
    const auto result = folder->find(cell);
    if (!result) return "missing";
    return result->error ? "failed" : "done";
  } catch (const DamagedResult&) {
    return "missing";
  }
}

int list_cells(const CommandLine& line) {
  if (line.positional.size() != 2) {
    throw UsageError(
        "sweep list: give one plan, the file that sweep plan wrote");
  }
  const PlanFile plan(line.positional[1]);
  const std::string results =
      value_of(line, "results", parse_text).value_or(results_of(plan.path()));
  std::optional<ResultsFolder> folder;
  if (std::filesystem::exists(results)) {
    folder.emplace(results, /*may_create=*/false);
  }
  plan.for_each([&](std::size_t index, const Cell& cell) {
    write_stdout(fmt::format("{}\t{}\t{}\t{}\n", index, cell.id,
                             state_of(folder, cell),
                             visible_line(cell.of.label)));
  });
  return exit_expected;
}

int merge_results(const CommandLine& line) {
  const Words folders(line.positional.begin() + 1, line.positional.end());
  if (folders.empty()) {
    throw UsageError("sweep merge: no folder; give the one with the results");
  }
  const View view = read_view(line);
  const std::string plan = line.has("plan") ? line.values.at("plan").front()
                                            : plan_of(folders.front());
  check_outputs(line, folders);
  BenchOutputs outputs(line);
  outputs.require_no_input(plan);
  const BenchOutcome outcome = merge(PlanFile(plan), folders);
  outputs.write(outcome, view);
  const SweepNotes& sweep = *outcome.sweep;
  return sweep.missing.empty() && sweep.failed.empty() ? exit_expected
                                                       : exit_other;
}

const std::array<Action, 4>& actions() {
  static const std::array<Action, 4> all{
      {{"plan",
        "write the cells, a line of JSON for each",
        {"sweep", "repeat", "output"},
        plan_cells},
       {"run",
        "run a cell, unless it has a result",
        {"index", "results", "retry", "vm", "quiet"},
        run_cells},
       {"list",
        "list the cells: number, id, state (done, failed, missing), case",
        {"results"},
        list_cells},
       {"merge",
        "report the results of all cells",
        {"plan", "format", "output", "quiet", "lang", "color"},
        merge_results}}};
  return all;
}

OptionList options() {
  OptionList all{sweep_option()};
  all.back().help = "plan: " + all.back().help;
  add(all,
      {{"repeat", "N", "plan: runs per case (1)"},
       {"index", "N[-M]", "run: the Nth cell of the plan, from 1, or N to M"},
       {"results", "DIR",
        "run, list: folder of the results (cells.results for cells.jsonl)",
        directories()},
       {"retry", "", "run: repeat a cell that has failed"},
       {"vm", "", "run: in a disposable VM, where a cell needs no root"},
       {"plan", "FILE", "merge: the plan (cells.jsonl for cells.results)",
        files()}});
  add(all, bench_output_options());
  all.back().help =
      "plan: write the cells to this file (stdout); merge: " + all.back().help;
  add(all, {quiet_option("run: no messages; merge: no table")});
  add(all, view_options());
  return all;
}

Description describe_sweep(const Command&) {
  std::vector<Word> words;
  for (const Action& each : actions()) {
    words.push_back({each.name, each.summary, /*takes_file=*/true});
  }
  return {
      .about =
          {"Spreads the runs of a bench over many machines, through any "
           "scheduler that starts commands there, such as GNU parallel or "
           "Slurm.",
           "plan writes a cell for each run of each case: a line of JSON with "
           "an id that depends only on its content. run PLAN ID makes the run "
           "of one cell and stores its result in a folder, in one step. A cell "
           "that has a result is not repeated, so a job can be started again "
           "at any time. A failed cell has a result, too, with its exit status "
           "and message; where the host could not run it, it is repeated on "
           "the next one. merge DIR... gives the report of a bench, and lists "
           "the cells that are missing or have failed. The times of hosts of "
           "different kinds are reported separately."},
      .arguments = {"plan|run PLAN ID|list PLAN|merge DIR...", most_arguments,
                    one_of(std::move(words)), "Actions"},
      .rest = {.usage = "[-- EXPERIMENT OPTION...|run OPTION... -- COMMAND]",
               .completion = {Completion::Kind::none}},
      .options = options(),
      .notes = {sweep_note()},
      .examples = {"cglab sweep plan -L limit=16M,64M -o cells.jsonl -- oom",
                   "cglab sweep run cells.jsonl --index 7",
                   "cglab sweep list cells.jsonl | awk '$3 != \"done\"'",
                   "cglab sweep merge cells.results -o report.html",
                   "cglab sweep plan -L who=ann,bob -- run -- make -C {who}"},
      .exit_statuses = {{"0", "done; run: the cell has a result"},
                        {"1", "merge: cells are missing or have failed"},
                        {"2", "usage error"},
                        {"3", "a plan cannot be read, a result not written"},
                        {"4", "something is left behind"},
                        {"77",
                         "run: this host cannot run a cell, another one may"},
                        {"128+N", "ended by signal N; the cell has no result"}},
  };
}

const Action& action_named(const CommandLine& line) {
  Words names;
  for (const Action& each : actions()) {
    names.emplace_back(each.name);
    if (!line.positional.empty() && line.positional.front() == each.name) {
      return each;
    }
  }
  if (line.positional.empty()) {
    throw UsageError(
        fmt::format("sweep: no action (use {})", alternatives(names)));
  }
  const auto meant = nearest(line.positional.front(), names);
  throw UsageError(fmt::format(
      "sweep: unknown action '{}'{} (use {})", line.positional.front(),
      meant ? fmt::format("; did you mean '{}'?", *meant) : "",
      alternatives(names)));
}

int sweep(const Command&, const CommandLine& line) {
  const Action& action = action_named(line);
  for (const auto& [name, values] : line.values) {
    const auto& known = action.options;
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw UsageError(
          fmt::format("sweep {} has no option --{}", action.name, name));
    }
  }
  if (line.rest && action.run != plan_cells) {
    throw UsageError(fmt::format(
        "sweep {} takes nothing after --: the plan says what is run",
        action.name));
  }
  return action.run(line);
}

const CommandRegistration sweep_registration(
    {"sweep", "spread the runs of a bench over many machines", describe_sweep,
     sweep});

}  // namespace
}  // namespace lab
