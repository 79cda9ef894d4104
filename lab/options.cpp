// SPDX-License-Identifier: MIT
#include "lab/options.h"

#include <fmt/format.h>

#include "lab/command_line.h"
#include "lab/errors.h"
#include "lab/versions/on_option.h"

namespace lab {
namespace {

namespace po = boost::program_options;

po::options_description run_description() {
  po::options_description description("Options");
  description.add_options()                                                 //
      ("limit", text_value("SIZE"), "memory limit of the cgroup (100M)")    //
      ("swap", text_value("SIZE|max"), "swap that it may use besides (0)")  //
      ("total", text_value("SIZE"),
       "what the hog takes in all (twice the limit); below the limit it "
       "survives")  //
      ("control",
       "leave out what decides: it takes three quarters of the limit")  //
      ("block", text_value("SIZE"),
       "what the hog allocates at a time (100M, at most the limit; course: a "
       "quarter of it)")  //
      ("ramp", text_value("TIME"),
       "time to reach the limit at an even rate (3s); 0: full speed")  //
      ("order", text_value("limit-first|course"),
       "course: run outside, move in, set the limit, go on")  //
      ("cgroup", text_value("auto|v1|v2"), "version to use");
  add_on_option(description);
  description.add_options()                                             //
      ("parent", text_value("PATH"), "make the cgroup under this one")  //
      ("poll", text_value("TIME"),
       "time between samples (10ms; 1ms without ramp)")                    //
      ("timeout", text_value("TIME"), "deadline (the ramp and a minute)")  //
      ("keep", "leave the cgroup to look at")                              //
      ("dry-run", "print the shell commands that do it by hand, do nothing");
  add_output_options(description);
  description.add_options()                                          //
      ("quiet,q", "say nothing; the exit status tells the outcome")  //
      ("verbose,v", "say each event as it happens")                  //
      ("explain", "tell the story of the run with its own numbers")  //
      ("lang", text_value("en|zh"),
       "language of the verdict and the story (of the environment)")  //
      ("color", text_value("auto|always|never"), "colours")           //
      ("help,h", "this text");
  return description;
}

po::options_description clean_description() {
  po::options_description description("Options");
  description.add_options()  //
      ("group", text_value("NAME|PATH"),
       "remove this cgroup of the exercise, too, if nothing runs in it")  //
      ("dry-run", "name the orphaned cgroups, remove nothing")            //
      ("help,h", "this text");
  return description;
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
  if (line.has("color")) {
    options.color = parse_color(line.values["color"].as<std::string>());
  }
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
