// SPDX-License-Identifier: MIT
#include "lab/repeat/cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "lab/base/errors.h"
#include "lab/command/run_options.h"
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using Words = std::vector<std::string>;

constexpr std::size_t most_cases = 100'000;

Words split(const std::string& text) {
  Words parts{""};
  for (const char c : text) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::string experiment_of_mode(const std::string& mode) {
  if (mode == "max") return "oom";
  if (mode == "high") return "throttle";
  throw UsageError(
      fmt::format("-L mode: invalid value '{}' (use max or high)", mode));
}

/// Whether to give a flag.
bool is_on(const std::string& name, const std::string& value) {
  if (value == "on") return true;
  if (value == "off") return false;
  throw UsageError(
      fmt::format("-L {}: invalid value '{}' (use on or off)", name, value));
}

/// nullptr for `run`. Throws UsageError.
const Experiment* experiment_of(const BenchCase& each) {
  if (is_command(each)) return nullptr;
  for (const ExperimentEntry& entry : experiment_entries()) {
    if (entry.name == each.experiment) return &experiment_named(entry.name);
  }
  throw UsageError(fmt::format("unknown experiment '{}' (see 'cglab list')",
                               each.experiment));
}

/// Values by name.
using Choices = std::vector<std::pair<std::string, std::string>>;

/// `word` with "{name}" replaced by the value; adds the names to `used`. A
/// value is not searched for names.
std::string filled(const std::string& word, const Choices& choices,
                   std::set<std::string>& used) {
  std::string text;
  for (std::size_t at = 0; at < word.size();) {
    const auto found =
        std::find_if(choices.begin(), choices.end(), [&](const auto& choice) {
          return word.compare(at, choice.first.size() + 2,
                              "{" + choice.first + "}") == 0;
        });
    if (found == choices.end()) {
      text += word[at++];
    } else {
      text += found->second;
      at += found->first.size() + 2;
      used.insert(found->first);
    }
  }
  return text;
}

/// An option that takes no value, of the experiments that have it.
bool is_flag(const std::string& name) {
  static const std::set<std::string> flags = [] {
    std::set<std::string> names;
    for (const Experiment* const of :
         {&experiment_named("oom"), static_cast<const Experiment*>(nullptr)}) {
      for (const Option& option : describe_run(of).options) {
        if (option.value.empty()) names.insert(long_name(option));
      }
    }
    return names;
  }();
  return flags.count(name) > 0;
}

/// The options of `run` end at its "--".
void add_option(BenchCase& each, const Words& words) {
  const auto end = is_command(each) ? std::find(each.arguments.begin(),
                                                each.arguments.end(), "--")
                                    : each.arguments.end();
  each.arguments.insert(end, words.begin(), words.end());
}

void apply(BenchCase& each, const std::string& name, const std::string& value) {
  if (name == "experiment") {
    each.experiment = value;
  } else if (name == "mode") {
    each.experiment = experiment_of_mode(value);
  } else if (is_flag(name)) {
    if (is_on(name, value)) add_option(each, {"--" + name});
  } else {
    add_option(each, {"--" + name, value});
  }
}

BenchCase make_case(const std::string& experiment, const Choices& choices,
                    const Words& arguments) {
  BenchCase made{"", experiment, {}};
  std::set<std::string> used;
  for (const std::string& word : arguments) {
    made.arguments.push_back(filled(word, choices, used));
  }
  for (const auto& [name, value] : choices) {
    made.label +=
        fmt::format("{}{}={}", made.label.empty() ? "" : " ", name, value);
    if (used.count(name) == 0) apply(made, name, value);
  }
  if (made.label.empty()) made.label = experiment;
  return made;
}

/// Refuses what a run of the case would refuse, and what would write a report
/// or a second record.
void check(const BenchCase& each) {
  const Experiment* const named = experiment_of(each);
  const RunOptions options = parse_run_options(named, each.arguments);
  const OutputNames& outputs = options.outputs;
  if (outputs.json || outputs.html || outputs.csv || options.dry_run ||
      options.explain || options.brief || options.with_control ||
      options.parameters.keep || !options.on.empty() ||
      options.verbosity != Verbosity::normal) {
    throw UsageError(
        "each run makes one record and no report, and leaves nothing: --json, "
        "--html, --csv, --dry-run, --explain, --brief, --with-control, --on, "
        "--keep, --quiet and --verbose cannot be used");
  }
  if (!named) return;
  make_plan(options.course_order ? experiment_named("course") : *named,
            options.parameters);
}

}  // namespace

Sweep parse_sweep(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw UsageError(fmt::format(
        "-L: invalid sweep '{}' (use NAME=VALUE,..., such as limit=16M,64M)",
        text));
  }
  Sweep sweep{text.substr(0, equals), split(text.substr(equals + 1))};
  std::set<std::string> found;
  for (const std::string& value : sweep.values) {
    if (value.empty()) {
      throw UsageError(fmt::format("-L: '{}' has an empty value", text));
    }
    // Two cases of the same name would be one.
    if (!found.insert(value).second) {
      throw UsageError(
          fmt::format("-L: '{}' has the value '{}' twice", text, value));
    }
  }
  return sweep;
}

std::vector<BenchCase> combine(const std::string& experiment,
                               const std::vector<Sweep>& sweeps,
                               const std::vector<std::string>& arguments) {
  std::size_t count = 1;
  std::set<std::string> names;
  for (const Sweep& sweep : sweeps) {
    if (!names.insert(sweep.name).second) {
      throw UsageError(fmt::format("-L: {} is given twice", sweep.name));
    }
    count *= sweep.values.size();
    if (count > most_cases) {
      throw UsageError(
          fmt::format("-L: more than {} combinations", most_cases));
    }
  }
  std::vector<BenchCase> cases;
  cases.reserve(count);
  for (std::size_t number = 0; number < count; ++number) {
    Choices choices;
    std::size_t of_each = count;
    for (const Sweep& sweep : sweeps) {
      of_each /= sweep.values.size();
      choices.emplace_back(
          sweep.name, sweep.values[number / of_each % sweep.values.size()]);
    }
    cases.push_back(make_case(experiment, choices, arguments));
  }
  return cases;
}

void check_cases(const std::vector<BenchCase>& cases) {
  for (const BenchCase& each : cases) {
    try {
      check(each);
    } catch (const UsageError& error) {
      throw UsageError(fmt::format("{}: {}", each.label, error.what()));
    }
  }
}

std::vector<std::string> recorded(const BenchCase& of,
                                  const std::string& record) {
  BenchCase run = of;
  add_option(run, {"--quiet", "--json", record});
  return run.arguments;
}

std::string vm_options_of(const BenchCase& of) {
  const Experiment* const experiment = experiment_of(of);
  if (!experiment) {
    throw UsageError(
        "a command is not run in the VM: it has none of this host's files");
  }
  const bool is_v1 = experiment->only == cgroupfs::Version::v1;
  return (is_v1 ? " --cgroup v1" : "") + machine_needs(*experiment);
}

}  // namespace lab
