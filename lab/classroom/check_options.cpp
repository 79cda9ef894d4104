// SPDX-License-Identifier: MIT
#include "lab/classroom/check_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "lab/base/errors.h"
#include "lab/command/command_line.h"

namespace lab {
namespace {

using Words = std::vector<std::string>;

OptionList check_description() {
  return {
      {"group", "NAME|PATH", "the cgroup (memorydemo)"},
      {"limit", "SIZE", "the expected limit (104960000)"},
      {"only", "ID", "grade this check alone; may be repeated",
       /*repeats=*/true},
      {"list", nullptr, "list the checks and their points"},
      {"weight", "ID=N", "points of a check; may be repeated",
       /*repeats=*/true},
      {"points", nullptr, "print the points alone, as 70/100"},
      {"watch", nullptr,
       "tick off each step when the kernel shows it, print the next; end when "
       "all is done"},
      {"timeout", "TIME", "end --watch after this time"},
      {"format", "text|json|tap|junit|autolab", "form of the result"},
      {"json", nullptr, "the same as --format json"},
      {"problem", "NAME",
       "Autolab: all points under this name (each check is a problem)"},
      {"quiet,q", nullptr, "say nothing; the exit status tells"},
      {"lang", "en|zh", "language (of the environment)"},
      {"color", "auto|always|never", "colours"},
      {"help,h", nullptr, "this text"},
  };
}

GradeFormat parse_format(const std::string& text) {
  if (text == "text") return GradeFormat::text;
  if (text == "json") return GradeFormat::json;
  if (text == "tap") return GradeFormat::tap;
  if (text == "junit") return GradeFormat::junit;
  if (text == "autolab") return GradeFormat::autolab;
  throw UsageError(fmt::format(
      "'{}' is no format; take text, json, tap, junit or autolab", text));
}

/// Throws UsageError when there is no such check.
std::string check_name(const std::string& option, const std::string& name) {
  Words names;
  for (const Check& check : all_checks()) names.emplace_back(check.name);
  if (std::find(names.begin(), names.end(), name) != names.end()) return name;
  throw UsageError(fmt::format("--{}: there is no check '{}'; there are {}",
                               option, name, fmt::join(names, ", ")));
}

std::pair<std::string, unsigned> parse_weight(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string number = equals == text.npos ? "" : text.substr(equals + 1);
  unsigned points = 0;
  const char* const end = number.data() + number.size();
  const auto result = std::from_chars(number.data(), end, points);
  constexpr unsigned most = 1000000;
  if (number.empty() || result.ec != std::errc() || result.ptr != end ||
      points > most) {
    throw UsageError(
        fmt::format("--weight {}: write ID=N, as in oom=50", text));
  }
  return {check_name("weight", text.substr(0, equals)), points};
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
  plan.language = choose_language(value_of(line, "lang", parse_language));
  for (const std::string& name : line.all("only")) {
    plan.only.push_back(check_name("only", name));
  }
  for (const std::string& weight : line.all("weight")) {
    plan.weights.insert(parse_weight(weight));
  }
  return plan;
}

GradeFormat read_format(const CommandLine& line) {
  const auto format = value_of(line, "format", parse_format);
  if (!line.has("json")) return format.value_or(GradeFormat::text);
  if (format && *format != GradeFormat::json) {
    throw UsageError("--json and --format cannot be combined");
  }
  return GradeFormat::json;
}

/// --list and --points print text alone.
void refuse_form(const CommandLine& line, const char* option) {
  for (const char* const form : {"json", "format"}) {
    if (!line.has(option) || !line.has(form)) continue;
    throw UsageError(
        fmt::format("--{} and --{} cannot be combined: --{} prints plain text",
                    option, form, option));
  }
}

}  // namespace

CheckOptions parse_check_options(const std::vector<std::string>& arguments) {
  const CommandLine line = parse_command_line(check_description(), arguments);
  CheckOptions options;
  options.help = line.has("help");
  options.plan = read_plan(line);
  options.format = read_format(line);
  options.problem = value_of(line, "problem", parse_text).value_or("");
  options.color = value_of(line, "color", parse_color).value_or(options.color);
  options.timeout = value_of(line, "timeout", parse_time);
  options.watch = line.has("watch");
  options.list = line.has("list");
  options.points = line.has("points");
  options.quiet = line.has("quiet");
  refuse_form(line, "list");
  refuse_form(line, "points");
  if (options.timeout && !options.watch) {
    throw UsageError("--timeout is for --watch");
  }
  if (options.timeout == nanoseconds(0)) {
    throw UsageError("--timeout: 0 leaves no time");
  }
  if (!options.problem.empty() && options.format != GradeFormat::autolab) {
    throw UsageError("--problem is for --format autolab");
  }
  return options;
}

std::string check_options_help() {
  return options_text(check_description());
}

}  // namespace lab
