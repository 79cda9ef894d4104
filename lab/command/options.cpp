// SPDX-License-Identifier: MIT
#include "lab/command/options.h"

#include <fmt/format.h>

#include "lab/base/errors.h"
#include "lab/command/command_line.h"
#include "lab/command/on_option.h"

namespace lab {
namespace {

OptionList run_description() {
  OptionList description{
      {"limit", "SIZE", "memory limit of the cgroup (100M)"},
      {"swap", "SIZE|max", "swap that it may use besides (0)"},
      {"total", "SIZE",
       "what the hog takes in all (twice the limit); below the limit it "
       "survives"},
      {"control", nullptr,
       "leave out what decides: it takes three quarters of the limit"},
      {"block", "SIZE",
       "what the hog allocates at a time (100M, at most the limit; course: a "
       "quarter of it)"},
      {"ramp", "TIME",
       "time to reach the limit at an even rate (3s); 0: full speed"},
      {"order", "limit-first|course",
       "course: run outside, move in, set the limit, go on"},
      {"cgroup", "auto|v1|v2", "version to use"},
  };
  add_on_option(description);
  description.insert(
      description.end(),
      {
          {"parent", "PATH", "make the cgroup under this one"},
          {"poll", "TIME", "time between samples (10ms; 1ms without ramp)"},
          {"timeout", "TIME", "deadline (the ramp and a minute)"},
          {"keep", nullptr, "leave the cgroup to look at"},
          {"dry-run", nullptr,
           "print the shell commands that do it by hand, do nothing"},
      });
  add_output_options(description);
  description.insert(
      description.end(),
      {
          {"quiet,q", nullptr,
           "say nothing; the exit status tells the outcome"},
          {"verbose,v", nullptr, "say each event as it happens"},
          {"explain", nullptr,
           "tell the story of the run with its own numbers"},
          {"lang", "en|zh",
           "language of the verdict and the story (of the environment)"},
          {"color", "auto|always|never", "colours"},
          {"help,h", nullptr, "this text"},
      });
  return description;
}

OptionList clean_description() {
  return {
      {"group", "NAME|PATH",
       "remove this cgroup of the exercise, too, if nothing runs in it"},
      {"dry-run", nullptr, "name the orphaned cgroups, remove nothing"},
      {"help,h", nullptr, "this text"},
  };
}

Order parse_order(const std::string& text) {
  if (text == to_string(Order::limit_first)) return Order::limit_first;
  if (text == to_string(Order::course)) return Order::course;
  throw UsageError(
      fmt::format("'{}' is no order; take limit-first or course", text));
}

}  // namespace

Parameters read_parameters(const CommandLine& line) {
  Parameters parameters;
  parameters.limit = value_of(line, "limit", parse_size);
  parameters.swap =
      value_of(line, "swap", parse_size_or_max).value_or(parameters.swap);
  parameters.total = value_of(line, "total", parse_size);
  parameters.block = value_of(line, "block", parse_size);
  parameters.ramp = value_of(line, "ramp", parse_time);
  parameters.poll = value_of(line, "poll", parse_time);
  parameters.timeout = value_of(line, "timeout", parse_time);
  parameters.order =
      value_of(line, "order", parse_order).value_or(parameters.order);
  parameters.version =
      value_of(line, "cgroup", parse_version).value_or(std::nullopt);
  parameters.parent = value_of(line, "parent", parse_text);
  parameters.keep = line.has("keep");
  return parameters;
}

RunOptions parse_run_options(const std::vector<std::string>& arguments) {
  const CommandLine line = parse_command_line(run_description(), arguments);
  RunOptions options;
  options.help = line.has("help");
  options.dry_run = line.has("dry-run");
  options.parameters = read_parameters(line);
  options.on = read_on_option(line);
  options.outputs = read_output_names(line);
  options.parameters.control = line.has("control");
  if (options.parameters.control && line.has("total")) {
    throw UsageError("--control chooses the total: leave --total out");
  }
  if (options.parameters.control && options.parameters.order == Order::course) {
    throw UsageError("--control is a run of --order limit-first");
  }
  options.verbosity = read_verbosity(line);
  options.language = choose_language(value_of(line, "lang", parse_language));
  options.explain = line.has("explain");
  if (options.explain &&
      (options.dry_run || options.verbosity == Verbosity::quiet)) {
    throw UsageError(
        "--explain tells of a run; leave --quiet and --dry-run out");
  }
  const OutputNames& outputs = options.outputs;
  if (options.dry_run && (outputs.json || outputs.html || outputs.csv)) {
    throw UsageError(
        "--dry-run runs nothing, so there is no record: leave --json, --html "
        "and --csv out");
  }
  options.color =
      value_of(line, "color", parse_color).value_or(ColorChoice::automatic);
  return options;
}

std::string run_options_help() {
  return options_text(run_description());
}

CleanOptions parse_clean_options(const std::vector<std::string>& arguments) {
  const CommandLine line = parse_command_line(clean_description(), arguments);
  return {value_of(line, "group", parse_text), line.has("dry-run"),
          line.has("help")};
}

std::string clean_options_help() {
  return options_text(clean_description());
}

}  // namespace lab
