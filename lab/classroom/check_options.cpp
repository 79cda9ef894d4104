// SPDX-License-Identifier: MIT
#include "lab/classroom/check_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "lab/base/errors.h"
#include "lab/command/option_groups.h"

namespace lab {
namespace {

using Words = std::vector<std::string>;

Words check_formats() {
  Words formats = document_formats();
  for (const char* const format : {"json", "tap", "junit", "autolab"}) {
    formats.emplace_back(format);
  }
  return formats;
}

/// Each followed by `ending`.
std::vector<Word> checks(const char* ending = "") {
  std::vector<Word> words;
  for (const Check& check : all_checks()) {
    words.push_back(
        {std::string(check.name) + ending, say(Language::en, check.title)});
  }
  return words;
}

OptionList check_options() {
  OptionList options{
      {"group", "NAME|PATH", "the cgroup (memorydemo)", directories()},
      {"limit", "SIZE", "the expected limit (104960000)"},
      {"only", "ID", "grade only this check; may be repeated", one_of(checks()),
       /*repeats=*/true},
      {"list", "", "list the checks and their points"},
      {"weight", "ID=N", "points of a check; may be repeated",
       one_of(checks("=")), /*repeats=*/true},
      {"points", "", "print only the points, as 70/100"},
      {"watch", "",
       "check off each step once the kernel shows it, print the next; end when "
       "all are done"},
      {"timeout", "TIME", "end --watch after this time"},
      {"problem", "NAME",
       "autolab: all points under this name (default: each check is a "
       "problem)"}};
  add(options, render_options(check_formats()));
  options.push_back(quiet_option());
  add(options, view_options());
  return options;
}

/// Throws UsageError when there is no such check.
std::string check_name(const std::string& option, const std::string& name) {
  Words names;
  for (const Check& check : all_checks()) names.emplace_back(check.name);
  if (std::find(names.begin(), names.end(), name) != names.end()) return name;
  throw UsageError(fmt::format("--{}: unknown check '{}' (use {})", option,
                               name, alternatives(names)));
}

std::pair<std::string, unsigned> parse_weight(const std::string& text) {
  constexpr unsigned most = 1000000;
  const std::size_t equals = text.find('=');
  if (equals == text.npos) {
    throw UsageError(
        fmt::format("--weight {}: write ID=N, as in oom=50", text));
  }
  const std::string name = check_name("weight", text.substr(0, equals));
  try {
    return {name, static_cast<unsigned>(
                      parse_number(text.substr(equals + 1), 0, most))};
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("--weight {}: {}", text, error.what()));
  }
}

std::string parse_group(const std::string& text) {
  const bool is_path = text.find('/') != text.npos;
  return is_path ? parse_text(text) : parse_group_name(text);
}

GradingPlan read_plan(const CommandLine& line) {
  GradingPlan plan;
  plan.assignment.group =
      value_of(line, "group", parse_group).value_or(plan.assignment.group);
  plan.assignment.limit = value_of(line, "limit", parse_exercise_limit)
                              .value_or(plan.assignment.limit);
  plan.language = read_view(line).language;
  for (const std::string& name : line.all("only")) {
    plan.only.push_back(check_name("only", name));
  }
  for (const std::string& weight : line.all("weight")) {
    plan.weights.insert(parse_weight(weight));
  }
  return plan;
}

/// --list, --points and --quiet have no format.
void refuse_format(const CommandLine& line) {
  for (const char* const option : {"list", "points", "quiet"}) {
    for (const char* const other : {"format", "output"}) {
      if (!line.has(option) || !line.has(other)) continue;
      throw UsageError(
          fmt::format("--{} and --{} cannot be combined", option, other));
    }
  }
}

}  // namespace

Description describe_check() {
  return {
      .about = {"Grades the exercise that was done by hand ('cglab exercise') "
                "by what the kernel shows of its cgroup. Changes nothing. "
                "Failed checks come with a hint based on the evidence."},
      .options = check_options(),
      .exit_statuses = {{"0", "full marks"},
                        {"1", "points are lost"},
                        {"2", "usage error"},
                        {"3", "failure"},
                        {"77", "cannot be graded on this machine"},
                        {"124", "timeout"},
                        {"128+N", "ended by signal N"}},
  };
}

CheckOptions read_check_options(const CommandLine& line) {
  CheckOptions options;
  options.plan = read_plan(line);
  options.target = read_render_target(line, check_formats());
  options.problem = value_of(line, "problem", parse_text).value_or("");
  options.view = read_view(line);
  options.timeout = value_of(line, "timeout", parse_time);
  options.watch = line.has("watch");
  options.list = line.has("list");
  options.points = line.has("points");
  options.quiet = line.has("quiet");
  refuse_format(line);
  if (options.timeout && !options.watch) {
    throw UsageError("--timeout is for --watch");
  }
  if (options.timeout == nanoseconds(0)) {
    throw UsageError("--timeout: 0 leaves no time");
  }
  if (!options.problem.empty() && options.target.format != "autolab") {
    throw UsageError("--problem is for --format autolab");
  }
  return options;
}

}  // namespace lab
