// SPDX-License-Identifier: MIT
#include "lab/repeat/case_options.h"

#include "lab/experiments/experiment.h"

namespace lab {
namespace {

/// Completions of --sweep: a name up to its "=", or with its known values.
std::vector<Word> sweep_words() {
  std::vector<Word> words = case_words("experiment=");
  for (const char* const known :
       {"mode=max,high", "control=on,off", "limit=", "swap=", "total=",
        "block=", "ramp=", "poll=", "timeout=", "cgroup=v1,v2"}) {
    words.push_back({known});
  }
  return words;
}

/// `bench run -- make` needs no second "--".
void mark_command(const std::string& experiment,
                  std::vector<std::string>& arguments) {
  if (experiment != "run" || arguments.empty()) return;
  if (arguments.front().starts_with('-')) return;
  arguments.insert(arguments.begin(), "--");
}

}  // namespace

std::vector<Word> case_words(const std::string& before) {
  std::vector<Word> words;
  for (const ExperimentEntry& each : experiment_entries()) {
    words.push_back(
        {before + each.name, std::string(each.summary.text(Language::en))});
  }
  words.push_back({before + "run", "a command under a limit"});
  return words;
}

Option sweep_option() {
  return {"sweep,L", "NAME=VALUE,...",
          "compare values of NAME; may be repeated: all combinations",
          one_of(sweep_words()), /*repeats=*/true};
}

std::string sweep_note() {
  return "NAME: an option of the experiment (flags: on,off); a name that "
         "stands "
         "in an argument as {NAME}, which the value replaces; experiment; "
         "mode: "
         "max (oom) or high (throttle).";
}

std::vector<BenchCase> read_cases(const CommandLine& line,
                                  const std::string& experiment,
                                  std::vector<std::string> arguments) {
  std::vector<Sweep> sweeps;
  for (const std::string& text : line.all("sweep")) {
    sweeps.push_back(parse_sweep(text));
  }
  mark_command(experiment, arguments);
  std::vector<BenchCase> cases = combine(experiment, sweeps, arguments);
  check_cases(cases);
  return cases;
}

std::size_t read_count(const CommandLine& line, const char* name,
                       std::size_t otherwise, std::uint64_t least,
                       std::uint64_t most) {
  const auto parse = [&](const std::string& text) -> std::size_t {
    return parse_number(text, least, most);
  };
  return value_of(line, name, parse).value_or(otherwise);
}

}  // namespace lab
