// SPDX-License-Identifier: MIT
#include "lab/options.h"

#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <sstream>

#include "lab/errors.h"

namespace lab {
namespace {

namespace po = boost::program_options;

po::options_description run_description() {
  po::options_description description("Options");
  const auto text = [](const char* name) {
    return po::value<std::string>()->value_name(name);
  };
  description.add_options()                                           //
      ("limit", text("SIZE"), "memory limit of the cgroup (100M)")    //
      ("swap", text("SIZE|max"), "swap that it may use besides (0)")  //
      ("total", text("SIZE"),
       "what the hog takes in all (twice the limit); below the limit it "
       "survives: the control run")  //
      ("block", text("SIZE"),
       "what the hog allocates at a time (100M, at most the limit; course: a "
       "quarter of it)")  //
      ("ramp", text("TIME"),
       "time to reach the limit at an even rate (3s); 0: full speed")  //
      ("order", text("ORDER"),
       "limit-first, or course: run outside, move in, set the limit, go on")  //
      ("cgroup", text("VERSION"), "auto, v1 or v2")                           //
      ("parent", text("PATH"), "make the cgroup under this one")              //
      ("poll", text("TIME"),
       "time between samples (10ms; 1ms without ramp)")                       //
      ("timeout", text("TIME"), "deadline (the ramp and a minute)")           //
      ("keep", "leave the cgroup to look at")                                 //
      ("dry-run", "print the shell commands that do it by hand, do nothing")  //
      ("json", text("FILE|-"), "write the record as JSON; - is stdout")       //
      ("quiet,q", "say nothing; the exit status tells the outcome")           //
      ("verbose,v", "say each event as it happens")                           //
      ("color", text("WHEN"), "auto, always or never")                        //
      ("help,h", "this text");
  return description;
}

po::options_description clean_description() {
  po::options_description description("Options");
  description.add_options()                                     //
      ("dry-run", "name the orphaned cgroups, remove nothing")  //
      ("help,h", "this text");
  return description;
}

po::variables_map parse(const po::options_description& description,
                        const std::vector<std::string>& arguments) {
  namespace style = po::command_line_style;
  constexpr int exact = style::unix_style & ~style::allow_guessing;
  po::variables_map values;
  // Without a positional description such arguments would be errors that name
  // no argument.
  po::options_description all = description;
  all.add_options()("positional", po::value<std::vector<std::string>>());
  po::positional_options_description positional;
  positional.add("positional", -1);
  try {
    po::store(po::command_line_parser(arguments)
                  .options(all)
                  .positional(positional)
                  .style(exact)
                  .run(),
              values);
  } catch (const po::error& error) {
    throw UsageError(error.what());
  }
  if (values.count("positional")) {
    throw UsageError(fmt::format(
        "unexpected argument '{}'",
        values["positional"].as<std::vector<std::string>>().front()));
  }
  return values;
}

std::string print(const po::options_description& description) {
  std::ostringstream text;
  text << description;
  return text.str();
}

/// Runs `parse_value` and puts the option's name before its complaint.
template <typename Parse>
auto value_of(const po::variables_map& values, const char* name,
              const Parse& parse_value)
    -> std::optional<decltype(parse_value(std::string()))> {
  if (!values.count(name)) return std::nullopt;
  try {
    return parse_value(values[name].as<std::string>());
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("--{}: {}", name, error.what()));
  }
}

Order parse_order(const std::string& text) {
  if (text == to_string(Order::limit_first)) return Order::limit_first;
  if (text == to_string(Order::course)) return Order::course;
  throw UsageError(
      fmt::format("'{}' is no order; take limit-first or course", text));
}

std::optional<cgroupfs::Version> parse_version(const std::string& text) {
  if (text == "auto") return std::nullopt;
  if (text == "v1") return cgroupfs::Version::v1;
  if (text == "v2") return cgroupfs::Version::v2;
  throw UsageError(
      fmt::format("'{}' is no cgroup version; take auto, v1 or v2", text));
}

std::string parse_text(const std::string& text) {
  if (text.empty()) throw UsageError("a value is missing");
  return text;
}

Parameters read_parameters(const po::variables_map& values) {
  Parameters parameters;
  parameters.limit = value_of(values, "limit", parse_size);
  parameters.swap =
      value_of(values, "swap", parse_size_or_max).value_or(parameters.swap);
  parameters.total = value_of(values, "total", parse_size);
  parameters.block = value_of(values, "block", parse_size);
  parameters.ramp = value_of(values, "ramp", parse_time);
  parameters.poll = value_of(values, "poll", parse_time);
  parameters.timeout = value_of(values, "timeout", parse_time);
  parameters.order =
      value_of(values, "order", parse_order).value_or(parameters.order);
  parameters.version =
      value_of(values, "cgroup", parse_version).value_or(std::nullopt);
  parameters.parent = value_of(values, "parent", parse_text);
  parameters.keep = values.count("keep") > 0;
  return parameters;
}

Verbosity read_verbosity(const po::variables_map& values) {
  if (values.count("quiet") && values.count("verbose")) {
    throw UsageError("--quiet and --verbose exclude each other");
  }
  if (values.count("quiet")) return Verbosity::quiet;
  return values.count("verbose") ? Verbosity::verbose : Verbosity::normal;
}

}  // namespace

RunOptions parse_run_options(const std::vector<std::string>& arguments) {
  const po::variables_map values = parse(run_description(), arguments);
  RunOptions options;
  options.help = values.count("help") > 0;
  options.dry_run = values.count("dry-run") > 0;
  options.parameters = read_parameters(values);
  options.json = value_of(values, "json", parse_text);
  if (options.json && options.json->starts_with("--")) {
    throw UsageError(fmt::format(
        "--json lacks its file; for one that is called {0} write ./{0}",
        *options.json));
  }
  options.verbosity = read_verbosity(values);
  if (options.dry_run && options.json) {
    throw UsageError(
        "--dry-run runs nothing, so there is no record: leave "
        "--json out");
  }
  if (values.count("color")) {
    options.color = parse_color(values["color"].as<std::string>());
  }
  return options;
}

std::string run_options_help() {
  return print(run_description());
}

CleanOptions parse_clean_options(const std::vector<std::string>& arguments) {
  const po::variables_map values = parse(clean_description(), arguments);
  return {values.count("dry-run") > 0, values.count("help") > 0};
}

std::string clean_options_help() {
  return print(clean_description());
}

}  // namespace lab
