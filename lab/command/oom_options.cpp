// SPDX-License-Identifier: MIT
#include "lab/command/oom_options.h"

#include "lab/base/errors.h"
#include "lab/command/command_line.h"
#include "lab/command/on_option.h"
#include "lab/command/options.h"

namespace lab {
namespace {

OptionList description() {
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

}  // namespace

OomOptions parse_oom_options(const std::vector<std::string>& arguments) {
  const CommandLine line = parse_command_line(description(), arguments);
  OomOptions options;
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

std::string oom_options_help() {
  return options_text(description());
}

}  // namespace lab
