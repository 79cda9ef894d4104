// SPDX-License-Identifier: MIT
#include "lab/bench/sweep.h"

#include <fmt/format.h>

#include <set>

#include "lab/base/errors.h"

namespace lab {
namespace {

constexpr std::size_t most_cases = 1000;

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts{""};
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

void apply(BenchCase& each, const std::string& name, const std::string& value) {
  each.label +=
      fmt::format("{}{}={}", each.label.empty() ? "" : " ", name, value);
  if (name == "experiment") {
    each.experiment = value;
  } else if (name == "mode") {
    each.experiment = experiment_of_mode(value);
  } else if (name == "control") {
    if (is_on(name, value)) each.arguments.push_back("--control");
  } else {
    each.arguments.push_back("--" + name);
    each.arguments.push_back(value);
  }
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
  for (const std::string& value : sweep.values) {
    if (value.empty()) {
      throw UsageError(fmt::format("-L: '{}' has an empty value", text));
    }
  }
  return sweep;
}

std::vector<BenchCase> combine(const std::string& experiment,
                               const std::vector<Sweep>& sweeps,
                               const std::vector<std::string>& arguments) {
  std::vector<BenchCase> cases{{"", experiment, arguments}};
  std::set<std::string> names;
  for (const Sweep& sweep : sweeps) {
    if (!names.insert(sweep.name).second) {
      throw UsageError(fmt::format("-L: {} is given twice", sweep.name));
    }
    if (cases.size() * sweep.values.size() > most_cases) {
      throw UsageError(
          fmt::format("-L: more than {} combinations", most_cases));
    }
    std::vector<BenchCase> next;
    for (const BenchCase& each : cases) {
      for (const std::string& value : sweep.values) {
        next.push_back(each);
        apply(next.back(), sweep.name, value);
      }
    }
    cases = std::move(next);
  }
  for (BenchCase& each : cases) {
    if (each.label.empty()) each.label = each.experiment;
  }
  return cases;
}

}  // namespace lab
